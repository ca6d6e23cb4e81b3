# What mails say, in English. The language is Project Fluent: https://projectfluent.org/fluent/guide/

dear = Dear { $name },
