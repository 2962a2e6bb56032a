import Postgres

/// The steps of the schema `identity`, in order. A test holds this list against the folder.
enum Migrations {
    static let all = [
        Migration(name: "V0001_identity", sql: PackageResources.V0001_identity_sql),
        Migration(name: "V0002_people", sql: PackageResources.V0002_people_sql),
        Migration(name: "V0003_sign_in", sql: PackageResources.V0003_sign_in_sql),
        Migration(name: "V0004_attendance", sql: PackageResources.V0004_attendance_sql),
        Migration(name: "V0005_presence_profiles", sql: PackageResources.V0005_presence_profiles_sql),
    ]

    static let migrator = Migrator(schema: DatabaseSettings.schema, migrations: all)
}
