// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 mode is the default of these tools; `any` is always written out, and what a file uses it imports.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting: Target.Dependency = .product(name: "HummingbirdTesting", package: "hummingbird")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let csv: Target.Dependency = .product(name: "SwiftCSV", package: "SwiftCSV")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")

/// A service is a library, which production and tests build with one function, and an executable of a page.
func service(
    _ name: String, folder: String, executable: String, embedded: [String] = [],
    dependencies: [Target.Dependency]
) -> [Target] {
    [
        .target(
            name: name,
            dependencies: ["ParleyProtocol", "ServiceKit", log, lifecycle, hummingbird, httpTypes, nioCore]
                + dependencies,
            path: "Services/\(folder)",
            exclude: ["Main"],
            resources: embedded.map { .embedInCode($0) },
            swiftSettings: strict),
        .executableTarget(
            name: executable,
            dependencies: [.byName(name: name), "ParleyProtocol", "ServiceKit", arguments],
            path: "Services/\(folder)/Main",
            swiftSettings: strict),
    ]
}

func tests(_ name: String, dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport", log, nioCore, nioPosix],
        path: "Tests/\(name)", swiftSettings: strict)
}

let shared: [Target] = [
    .systemLibrary(name: "CLibPQ", path: "Shared/CLibPQ", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CHiredis", path: "Shared/CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "COpenSSL", path: "Shared/COpenSSL", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLDAP", path: "Shared/CLDAP", providers: [.apt(["libldap-dev"])]),
    .systemLibrary(name: "CQREncode", path: "Shared/CQREncode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "CCurl", path: "Shared/CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "ParleyProtocol", path: "Shared/Protocol", swiftSettings: strict),
    .target(
        name: "Postgres", dependencies: ["CLibPQ", log, metrics, lifecycle, collections, crypto],
        path: "Shared/Postgres", swiftSettings: strict),
    .target(
        name: "Redis",
        dependencies: ["CHiredis", log, metrics, lifecycle, nioCore, nioPosix, nioTLS, collections, crypto],
        path: "Shared/Redis", swiftSettings: strict),
    .target(
        name: "WebSockets",
        dependencies: [
            "ParleyProtocol", log, nioCore, nioPosix, nioHTTP, nioWebSocket, nioTLS, nioHTTPTypes, nioHTTPTypesHTTP1,
            hummingbird, hummingbirdCore, httpTypes, lifecycle, collections, crypto,
        ],
        path: "Shared/WebSockets", swiftSettings: strict),
    .target(
        name: "ServiceKit",
        dependencies: [
            "ParleyProtocol", "Postgres", "Redis", "WebSockets", log, metrics, lifecycle, signals, nioCore, nioPosix,
            nioHTTP,
            hummingbird, hummingbirdCore, httpTypes, crypto, jwt, httpClient, configuration, arguments,
        ],
        path: "Shared/ServiceKit", swiftSettings: strict),
    .target(
        name: "LDAP", dependencies: ["CLDAP", log, lifecycle, nioCore, nioPosix, collections],
        path: "Shared/LDAP", swiftSettings: strict),
    .target(
        name: "Mail", dependencies: ["CCurl", lifecycle, nioCore, nioPosix], path: "Shared/Mail",
        swiftSettings: strict),
    .target(
        name: "OpenIDConnect",
        dependencies: ["ParleyProtocol", "ServiceKit", log, nioCore, nioHTTP, crypto, jwt, httpClient],
        path: "Shared/OpenIDConnect", swiftSettings: strict),
]

let services: [Target] =
    service(
        "IdentityService", folder: "Identity", executable: "identity",
        embedded: ["Migrations", "OpenAPI/openapi.json"],
        dependencies: [
            "Postgres", "Redis", "COpenSSL", "CQREncode", "LDAP", "OpenIDConnect", crypto, jwt, csv, nioPosix,
        ])
    + service(
        "DirectoryService", folder: "Directory", executable: "directory",
        embedded: ["Migrations", "OpenAPI/openapi.json"],
        dependencies: ["Postgres", "Redis", "Mail", crypto, metrics, nioPosix])
    + service(
        "SignalingService", folder: "Signaling", executable: "signaling",
        dependencies: ["Redis", "WebSockets", crypto, collections, metrics, nioPosix])
    + service(
        "PresenceService", folder: "Presence", executable: "presence",
        embedded: ["Migrations", "OpenAPI/openapi.json"],
        dependencies: [
            "Postgres", "Redis", "WebSockets", crypto, hummingbirdCore, httpClient, metrics, nioHTTP, nioPosix,
        ])

let checks: [Target] = [
    .target(
        name: "TestSupport",
        dependencies: [
            "Postgres", "Redis", "WebSockets", "ServiceKit", "ParleyProtocol", log, nioCore, nioPosix, lifecycle,
        ],
        path: "Tests/Support", swiftSettings: strict),
    tests("ProtocolTests", dependencies: ["ParleyProtocol"]),
    tests("PostgresTests", dependencies: ["Postgres", "ParleyProtocol", lifecycle]),
    tests("RedisTests", dependencies: ["Redis", lifecycle]),
    tests("WebSocketsTests", dependencies: ["WebSockets", nioHTTP, nioWebSocket, nioEmbedded, hummingbird]),
    tests(
        "ServiceKitTests",
        dependencies: [
            "ServiceKit", "ParleyProtocol", "Redis", "Postgres", hummingbird, hummingbirdTesting, nioHTTP, httpTypes,
            httpClient, lifecycle, arguments, crypto, jwt, metrics,
        ]),
    tests("LDAPTests", dependencies: ["LDAP", "CLDAP"]),
    tests("MailTests", dependencies: ["Mail"]),
    tests("OpenIDConnectTests", dependencies: ["OpenIDConnect", "ServiceKit", nioHTTP, httpClient, crypto, jwt]),
    tests(
        "IdentityTests",
        dependencies: [
            "IdentityService", "ServiceKit", "ParleyProtocol", "Postgres", "Redis", hummingbird, hummingbirdTesting,
            httpTypes, lifecycle, crypto, jwt, httpClient, nioHTTP,
        ]),
    tests(
        "DirectoryTests",
        dependencies: [
            "DirectoryService", "ServiceKit", "ParleyProtocol", "Postgres", "Redis", "Mail", hummingbird,
            hummingbirdTesting,
            httpTypes, crypto, lifecycle,
        ]),
    tests("SignalingTests", dependencies: ["SignalingService", "ServiceKit", "Redis", "WebSockets", hummingbird]),
    tests(
        "PresenceTests",
        dependencies: [
            "PresenceService", "ServiceKit", "ParleyProtocol", "Postgres", "Redis", "WebSockets", hummingbird,
            hummingbirdTesting, httpTypes, lifecycle, httpClient, nioHTTP, crypto,
        ]),
    .systemLibrary(name: "CEpoll", path: "Tests/Load/CEpoll"),
    .executableTarget(
        name: "load", dependencies: ["CEpoll", "ParleyProtocol", "ServiceKit", arguments],
        path: "Tests/Load/Generator", swiftSettings: strict),
]

let package = Package(
    name: "parley",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "identity", targets: ["identity"]),
        .executable(name: "directory", targets: ["directory"]),
        .executable(name: "signaling", targets: ["signaling"]),
        .executable(name: "presence", targets: ["presence"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: shared + services + checks
)
