# Yr hyn y mae'r negeseuon yn ei ddweud, yn Gymraeg. Project Fluent yw'r iaith: https://projectfluent.org/fluent/guide/
# Mae gan rif chwe ffurf: zero (0), one (1), two (2), few (3), many (6) ac other (y lleill). Saesneg: ../en/mail.ftl

## Pob neges

intro = Neges gyfrinachol oddi wrth { $sender }. Darllenwch hi lle na all neb edrych dros eich ysgwydd.
dear = Annwyl { $name },
enclosed = Mae'r adroddiad ar y rhaglen ynghlwm ({ $files }). Ni ddangosir rhifau bach ynddo.
closing = Os na ddylech chi fod yn cael y neges hon, atebwch hi.

## Un dasg

item = Achos { $case }: { $title }
item-act = Gweithredwch erbyn { $due } (dyddiad cau: { $deadline })
item-yours = Chi sydd i wneud hyn
item-concerned = Er gwybodaeth i chi; mae'r dasg i: { $owner }
item-why-now = Pam nawr: { $reason }
item-why-you = Pam chi: { $capacity }
item-source = Ffynhonnell: { $source }. Cyfeirnod: { $reference }
owner-held = { $role }, { $person }
origin = { $source } ({ $basis })
basis-policy = polisi
basis-local = lleol

## Y crynodeb

digest-heading = Eich nodiadau atgoffa ar gyfer { $day }
digest-subject = Eich nodiadau atgoffa ar gyfer { $day }: { $summary }
digest-overdue = Yn hwyr
digest-today = I'w gwneud heddiw
digest-soon = I ddod
digest-count-overdue = { $count ->
    [zero] { $count } tasg yn hwyr
    [one] { $count } dasg yn hwyr
    [two] { $count } dasg yn hwyr
    [few] { $count } tasg yn hwyr
    [many] { $count } thasg yn hwyr
   *[other] { $count } tasg yn hwyr
  }
digest-count-today = { $count ->
    [zero] { $count } tasg i'w gwneud heddiw
    [one] { $count } dasg i'w gwneud heddiw
    [two] { $count } dasg i'w gwneud heddiw
    [few] { $count } tasg i'w gwneud heddiw
    [many] { $count } thasg i'w gwneud heddiw
   *[other] { $count } tasg i'w gwneud heddiw
  }
digest-count-soon = { $count ->
    [zero] { $count } tasg i ddod
    [one] { $count } dasg i ddod
    [two] { $count } dasg i ddod
    [few] { $count } tasg i ddod
    [many] { $count } thasg i ddod
   *[other] { $count } tasg i ddod
  }
digest-calendar-only = newidiadau yn eich calendr
digest-calendar = Eich calendr
digest-calendar-entry = Achos { $case }: { $title }: { $day }
digest-calendar-out = Achos { $case }: { $title }: tynnwch allan { $day }
digest-closing = Os oes rhywbeth yma wedi'i wneud yn barod, cofnodwch hynny yn yr achos: bydd y nodiadau atgoffa wedyn yn peidio ohonynt eu hunain. Os na ddylech chi fod yn cael y neges hon, atebwch hi.

## Cofnod calendr

entry-summary = Achos { $case }: gweithredwch erbyn heddiw
entry-description = { $title } ({ $reference })

## Uwchgyfeirio

escalation-subject = Achos { $case }: yn hwyr
escalation-heading = Yn hwyr yn achos { $case }
escalation-body = Mae hyn yn hwyr:
escalation-closing = Os yw wedi'i wneud yn barod, gwnewch yn siŵr bod hynny wedi'i gofnodi yn yr achos. Os na ddylech chi fod yn cael y neges hon, atebwch hi.

## Hysbysiad

notice-subject = Achos { $case }: hysbysiad i chi
notice-happened = Achos { $case }: { $day }.
notice-source = Ffynhonnell: { $source }

## Mynd y tu hwnt i derfyn ar draws achosion

limit-subject = Achos { $case }: y tu hwnt i derfyn
limit-heading = Mwy nag y mae'r terfyn yn ei ganiatáu: { $title }
limit-summary = { $count ->
    [zero] Dim achos
    [one] { $count } achos
    [two] { $count } achos
    [few] { $count } achos
    [many] { $count } achos
   *[other] { $count } achos
  } ar yr un pryd ar gyfer { $field } { $value }: { $over } yn fwy na'r { $most } a ganiateir.
limit-happened = Aethpwyd y tu hwnt i'r terfyn yn achos { $case }: { $day }.
limit-held = Achos { $case }, ers { $day }
limit-others = hefyd { $count ->
    [zero] dim achos arall
    [one] { $count } achos arall
    [two] { $count } achos arall
    [few] { $count } achos arall
    [many] { $count } achos arall
   *[other] { $count } achos arall
  } ers hynny: stepdown limits
limit-body = Mae'r hyn a ddigwyddodd wedi'i gofnodi, a dangosir bod y terfyn wedi'i dorri nes iddo gael ei gadw eto. Penderfynwch pa rai o'r achosion hyn a all ddod i ben neu symud i rywle arall, neu trefnwch i gywiro'r cofnod lle mae'n anghywir.
limit-reading = Dehongliad: { $reading }

## Rolau nad oes neb yn ateb drostynt

vacancies-subject = Neb i roi gwybod iddo: { $count ->
    [zero] dim rôl wag
    [one] { $count } rôl wag
    [two] { $count } rôl wag
    [few] { $count } rôl wag
    [many] { $count } rôl wag
   *[other] { $count } rôl wag
  }
vacancies-heading = Neb i roi gwybod iddo
vacancies-body = Mae gwaith i'w wneud, ac nid oes neb i roi gwybod iddo. Am y tro mae'r nodiadau atgoffa'n mynd at rywun arall.
vacancies-line = Achos { $case }: { $gap }
vacancies-closing = Trefnwch fod rhywun yn cael ei bennu yn yr achos, neu fod y rhestr o bobl yn cael ei chywiro. Os na ddylech chi fod yn cael y neges hon, atebwch hi.

## Cywiriad

correction-subject = Cywiriad: { $count ->
    [zero] { $count } neges atgoffa wedi'u tynnu'n ôl
    [one] { $count } neges atgoffa wedi'i thynnu'n ôl
    [two] { $count } neges atgoffa wedi'u tynnu'n ôl
    [few] { $count } neges atgoffa wedi'u tynnu'n ôl
    [many] { $count } neges atgoffa wedi'u tynnu'n ôl
   *[other] { $count } neges atgoffa wedi'u tynnu'n ôl
  }
correction-heading = Cywiriad
correction-body = Dywedwyd wrthych fod y canlynol yn hwyr. Fel y gwyddom bellach, nid oedd.
correction-why = Pam: { $reason }; { $capacity }
correction-still-due = Mae'n dal i'w wneud, erbyn { $due }
correction-done = Nid oes dim mwy i'w wneud yn ei gylch

## Gair wythnosol i'r gweinyddwyr

weekly-subject = { $summary }: wythnos { $day }
weekly-well = Mae'r post mewn trefn
weekly-troubles = { $count ->
    [zero] { $count } neges i edrych arnynt
    [one] { $count } neges i edrych arni
    [two] { $count } neges i edrych arnynt
    [few] { $count } neges i edrych arnynt
    [many] { $count } neges i edrych arnynt
   *[other] { $count } neges i edrych arnynt
  }
weekly-no-backup = Ni wnaed copi wrth gefn; { $summary }
weekly-body = Daw'r neges hon bob wythnos. Os na ddaw, nid yw stepdown yn rhedeg neu ni all anfon: edrychwch ar unwaith.
weekly-caption = Sut mae pethau
weekly-cases = Achosion
weekly-open = Tasgau agored
weekly-overdue = Yn hwyr
weekly-exhausted = Yn hwyr, ac ni chaiff neb ei atgoffa eto
weekly-accepted = Anfonwyd yn y saith diwrnod diwethaf
weekly-failed = Heb eu danfon yn y saith diwrnod diwethaf
weekly-waiting = Yn aros i'w hanfon
weekly-oldest = Yr hynaf heb ei hanfon
weekly-holidays = Gwyliau banc yn hysbys hyd at
weekly-limits = Terfynau ar draws achosion wedi'u torri
weekly-backup = Y copi wrth gefn diweddaraf
weekly-nothing = dim
weekly-none-waits = dim yn aros
weekly-not-known = ddim yn hysbys
weekly-count-digest = { $count ->
    [zero] { $count } crynodeb
    [one] { $count } crynodeb
    [two] { $count } grynodeb
    [few] { $count } chrynodeb
    [many] { $count } chrynodeb
   *[other] { $count } crynodeb
  }
weekly-count-notice = { $count } hysbysiad
weekly-count-escalation = { $count } uwchgyfeiriad
weekly-count-correction = { $count ->
    [zero] { $count } cywiriad
    [one] { $count } cywiriad
    [two] { $count } gywiriad
    [few] { $count } chywiriad
    [many] { $count } chywiriad
   *[other] { $count } cywiriad
  }
weekly-count-admin = { $count } neges weinyddol
weekly-silences = Cyfnodau tawel mewn grym
weekly-silence = { $what }: tawel tan { $day }, { $author }: { $reason }
weekly-silence-case = achos { $case }
weekly-silence-rule = rheol { $rule }
weekly-silence-person = person { $person }
weekly-checkpoint = Pwynt gwirio'r cofnodion
weekly-checkpoint-text = Cadwch y neges hon: gyda'r llinellau rhwng y ddau doriad mewn ffeil, mae { $command } yn profi na chafodd unrhyw gofnod a wnaed cyn hynny ei newid na'i ddileu.
weekly-checkpoint-html = Cadwch y neges hon: gyda'r llinellau hyn mewn ffeil, mae { $command } yn profi na chafodd unrhyw gofnod a wnaed cyn hynny ei newid na'i ddileu.
backup-none = dim eto
backup-made = { $moment }, { $count ->
    [zero] { $count } cofnod
    [one] { $count } cofnod
    [two] { $count } gofnod
    [few] { $count } chofnod
    [many] { $count } chofnod
   *[other] { $count } cofnod
  }
backup-failed = { $made }; ers { $moment } mae trafferth: { $error }

## Negeseuon na ellid eu danfon

undelivered-subject = { $count ->
    [zero] Ni fethwyd â danfon yr un neges
    [one] Methwyd â danfon { $count } neges
    [two] Methwyd â danfon { $count } neges
    [few] Methwyd â danfon { $count } neges
    [many] Methwyd â danfon { $count } neges
   *[other] Methwyd â danfon { $count } neges
  }
undelivered-heading = Negeseuon na ellid eu danfon
undelivered-body = Ni chyrhaeddodd y negeseuon hyn neb, neu efallai na wnaethant. Gwnewch yn siŵr bod y cyfeiriadau'n gywir, a dywedwch wrth y bobl eich hun; mae'r crynodeb nesaf yn ailadrodd yr hyn a ddywedodd un cynharach.
undelivered-line = { $kind }, { $day }, { $to }: { $state }, { $words }
kind-digest = crynodeb
kind-notice = hysbysiad
kind-escalation = uwchgyfeiriad
kind-correction = cywiriad
kind-admin = neges weinyddol
state-refused = gwrthodwyd
state-lapsed = rhoddwyd y gorau iddi
state-waiting = yn aros
lapse-nothing-left = nid oes dim i'w ddweud mwyach
lapse-day-over = mae ei diwrnod ar ben; mae yn y crynodeb nesaf
lapse-may-have-arrived = efallai ei bod wedi cyrraedd, ac nid yw'n cael ei hanfon eto
lapse-unclear = fe'i hanfonwyd ddwywaith, ac nid yw'n glir a gyrhaeddodd
lapse-given-up = ni dderbyniodd y gweinydd hi am ddiwrnod
lapse-no-address = nid oes gan y derbynnydd gyfeiriad mwyach
lapse-no-text = nid yw ei thestun wedi'i gadw: mewnforiwyd y log, neu dilëwyd achos yr oedd yn sôn amdano

## Pam nawr

reason = { $which }: { $when }
reason-late = { $which }, yn hwyr (ei ddiwrnod oedd { $day }): { $when }
which-escalated = uwchgyfeiriwyd
which-moved = eto, gan fod y dyddiad cau wedi symud o { $day }
which-first = y tro cyntaf
which-reminder = nodyn atgoffa
which-chaser = nodyn dilynol
which-chaser-of = nodyn dilynol { $nth } o { $of }
when-passed = { $days ->
    [zero] heddiw oedd y dyddiad cau
    [one] ddoe oedd y dyddiad cau
    [two] aeth y dyddiad cau heibio { $days } ddiwrnod yn ôl
    [few] aeth y dyddiad cau heibio { $days } diwrnod yn ôl
    [many] aeth y dyddiad cau heibio { $days } diwrnod yn ôl
   *[other] aeth y dyddiad cau heibio { $days } diwrnod yn ôl
  }
when-today = heddiw yw'r dyddiad cau
when-last-working-day = heddiw yw'r diwrnod gwaith olaf cyn y dyddiad cau
when-in = { $days ->
    [zero] i'w wneud heddiw
    [one] i'w wneud erbyn yfory
    [two] i'w wneud ymhen { $days } ddiwrnod
    [few] i'w wneud ymhen { $days } diwrnod
    [many] i'w wneud ymhen { $days } diwrnod
   *[other] i'w wneud ymhen { $days } diwrnod
  }
excuse-not-called-for = nid oedd galw amdano
excuse-done-on = roedd wedi'i wneud ar { $day }
excuse-done = roedd wedi'i wneud
excuse-waived = roedd wedi'i hepgor
excuse-ended = roedd y gwaith wedi dod i ben
excuse-deadline-is = y dyddiad cau yw { $day }

## Pam chi

capacity-role = eich rôl: { $role }
capacity-also = er gwybodaeth i chi fel: { $role }
capacity-manager = rydych chi'n rheoli: { $role }
capacity-notice = eich rôl yn yr achos: { $role }
capacity-last-resort = nid oes neb arall i roi gwybod iddo: { $role }
capacity-admin = chi sy'n gweinyddu stepdown, ac nid oes neb i roi gwybod iddo ar ran { $roles }
capacity-address = mae'r polisi'n enwi'r cyfeiriad hwn
capacity-told = dywedwyd wrthych ar { $day }
capacity-instead = { $capacity }; { $instead }
capacity-cover = rydych chi'n cyflenwi: { $gap }
gap-empty = nid oes neb yn dal y rôl { $role }
gap-unlisted = nid yw { $person } ({ $role }) ar y rhestr
gap-left = mae { $person } ({ $role }) wedi gadael
gap-absent = mae { $person } ({ $role }) i ffwrdd tan { $day }
