# Yr hyn y mae tudalen adroddiad yn ei ddweud, yn Gymraeg. Project Fluent yw'r iaith: https://projectfluent.org/fluent/guide/

report-title = Sut y cedwir y polisi, a'r hyn y mae'n ei gyflawni
report-period = O { $from } hyd { $to }
report-withholding = Ni ddangosir ffigurau sy'n seiliedig ar lai na phum achos, na rhai eraill y gellid eu cyfrifo drwyddynt: maent wedi'u nodi â { $mark }.
report-showing = Mae'r adroddiad hwn yn dangos rhifau bach. Cadwch ef i'r rhai a gaiff wybod am bob achos.
report-all = Pob rhaglen
report-cases = Achosion a ddechreuodd erbyn y diwrnod olaf: { $cases }
report-nothing = Ni chyfrifwyd dim.

report-kept = Dyletswyddau
report-kept-by-role = Dyletswyddau yn ôl y rôl sydd i weithredu
report-kept-by-rule = Dyletswyddau yn ôl rheol
report-kept-chart = Cyfran y dyletswyddau a gadwyd yn brydlon, yn hwyr, a fethwyd neu sydd ar ei hôl hi, yn ôl y rôl sydd i weithredu
report-programme = Y rhaglen gyfan
report-of = { $part } o { $whole }
report-role = Rôl
report-rule = Rheol
report-due = Dyledus
report-on-time = Prydlon
report-late = Hwyr
report-missed = Methwyd
report-overdue = Ar ei hôl hi
report-open = Agored
report-waived = Hepgorwyd
report-on-time-rate = Prydlon, %
report-median-days = Canolrif y diwrnodau o'r dyddiad cau
report-reminders-per-completed = Nodiadau atgoffa am bob un a wnaed
report-escalations = Uwchgyfeiriadau

report-transitions = Trosglwyddiadau sy'n sefyll ar ôl { $after }
report-transitions-chart = Trosglwyddiadau y penderfynwyd arnynt yn y cyfnod: yn sefyll, ac a ddaeth i ben cyn eu hamser
report-attempted = Ceisiwyd
report-not-yet-known = Ddim yn hysbys eto
report-decided = Penderfynwyd
report-standing = Yn sefyll
report-ended = Daeth i ben
report-success-rate = Cyfradd llwyddo, %
report-at-least = { $rate } neu fwy

report-support = Teuluoedd, oedolion a phlant a gefnogwyd
report-families = Teuluoedd
report-counted = Teuluoedd y mae eu haelodau'n hysbys
report-adults = Oedolion
report-children = Plant

report-movements = Newid mewn mesurau, y cyntaf yn erbyn yr olaf
report-movements-chart = Achosion lle symudodd pob mesur er gwell, lle arhosodd yr un fath neu lle symudodd er gwaeth
report-measure = Mesur
report-compared = Achosion a gymharwyd
report-better = Gwell
report-same = Yr un fath
report-worse = Gwaeth
report-median-first = Canolrif y cyntaf
report-median-last = Canolrif yr olaf

report-stages = Camau
report-stages-chart = Canolrif y diwrnodau y bu achosion ym mhob cam a adawsant yn y cyfnod
report-stage = Cam
report-left = Cyfnodau a ddaeth i ben
report-lower-quartile-days = Chwartel isaf, diwrnodau
report-stage-median-days = Canolrif, diwrnodau
report-upper-quartile-days = Chwartel uchaf, diwrnodau
report-still-in = Ynddo nawr
report-median-days-so-far = Canolrif hyd yn hyn, diwrnodau
report-days = { $count ->
    [zero] { $count } diwrnod
    [one] { $count } diwrnod
    [two] { $count } ddiwrnod
    [few] { $count } diwrnod
    [many] { $count } diwrnod
   *[other] { $count } diwrnod
 }
report-weeks = { $count ->
    [zero] { $count } wythnos
    [one] { $count } wythnos
    [two] { $count } wythnos
    [few] { $count } wythnos
    [many] { $count } wythnos
   *[other] { $count } wythnos
 }
report-months = { $count ->
    [zero] { $count } mis
    [one] { $count } mis
    [two] { $count } fis
    [few] { $count } mis
    [many] { $count } mis
   *[other] { $count } mis
 }
report-working-days = { $count ->
    [zero] { $count } diwrnod gwaith
    [one] { $count } diwrnod gwaith
    [two] { $count } ddiwrnod gwaith
    [few] { $count } diwrnod gwaith
    [many] { $count } diwrnod gwaith
   *[other] { $count } diwrnod gwaith
 }

report-notes = Sut y cyfrifwyd
report-note-kept = Dyletswyddau y mae eu dyddiad cau yn y cyfnod, fel y maent ar ei ddiwrnod olaf. Mae prydlon, mewn %, o'r rhai prydlon, hwyr, a fethwyd ac sydd ar ei hôl hi. Mae canolrif y diwrnodau'n cyfrif o'r dyddiad cau; mae rhif negyddol yn gynnar. Ni chyfrifir dyletswyddau a ganslwyd.
report-note-transitions = Trosglwyddiadau a geisiwyd erbyn y diwrnod olaf ac na phenderfynwyd arnynt cyn y diwrnod cyntaf. Nid yw un nad yw ei amser ar ben yn hysbys eto, ac nid yw'n fethiant. Mae'r hyn a gofnododd rhywun am ei lwyddiant yn drech na'r hyn a gyfrifir, oni bai iddo ddod i ben ar ôl hynny. Mae achos sydd wedi'i gau yn cyfrif fel un sy'n sefyll lle na chofnodwyd diwedd.
report-note-support = Teuluoedd a gefnogwyd ar unrhyw ddiwrnod o'r cyfnod; oedolion a phlant yn ôl cofnod diweddaraf pob teulu.
report-note-movements = Y gwerth cyntaf mewn achos yn erbyn yr olaf, lle cymerwyd yr olaf yn y cyfnod.
report-note-stages = Cyfnodau a ddaeth i ben yn y cyfnod, ac achosion sydd yn y cam ar ei ddiwrnod olaf.
report-note-erased = Nid yw achosion a ddilëwyd yn cyfrif yn unman. Cyfrifir popeth fel y mae'n hysbys ar ddiwrnod yr adroddiad hwn.
