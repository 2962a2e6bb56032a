import Postgres

/// Presence's schema. The list stands in the order of the files; a test holds it against them.
public let presenceMigrator = Migrator(
    schema: "presence",
    migrations: [
        Migration(name: "V0001_people", sql: PackageResources.V0001_people_sql),
        Migration(name: "V0002_telephone", sql: PackageResources.V0002_telephone_sql),
        Migration(name: "V0003_organizations", sql: PackageResources.V0003_organizations_sql),
    ])
