import Postgres

/// Directory's schema. The list stands in the order of the files; a test holds it against them.
public let directoryMigrator = Migrator(
    schema: "directory",
    migrations: [
        Migration(name: "V0001_rooms", sql: PackageResources.V0001_rooms_sql),
        Migration(name: "V0002_former_owners", sql: PackageResources.V0002_former_owners_sql),
        Migration(name: "V0003_room_policy", sql: PackageResources.V0003_room_policy_sql),
        Migration(name: "V0004_appointments", sql: PackageResources.V0004_appointments_sql),
        Migration(name: "V0005_mail", sql: PackageResources.V0005_mail_sql),
        Migration(name: "V0006_meetings", sql: PackageResources.V0006_meetings_sql),
        Migration(name: "V0007_after_removal", sql: PackageResources.V0007_after_removal_sql),
        Migration(name: "V0008_mail_of_rooms", sql: PackageResources.V0008_mail_of_rooms_sql),
        Migration(name: "V0009_locks_and_bans", sql: PackageResources.V0009_locks_and_bans_sql),
    ])
