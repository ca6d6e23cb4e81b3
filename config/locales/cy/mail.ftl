# Yr hyn y mae'r negeseuon yn ei ddweud, yn Gymraeg. Project Fluent yw'r iaith: https://projectfluent.org/fluent/guide/

dear = Annwyl { $name },
