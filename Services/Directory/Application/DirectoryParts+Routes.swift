import ServiceKit

// What directory answers.
extension DirectoryParts {
    var roomRoutes: RoomRoutes {
        RoomRoutes(
            store: rooms, answers: answers, orders: orders,
            aliasChecks: RoomRoutes.aliasChecks(redis: redis, keyPrefix: settings.redisKeyPrefix))
    }

    var stateRoutes: RoomStateRoutes {
        RoomStateRoutes(store: rooms, answers: answers, orders: orders, identity: identityCalls)
    }

    var entryRoutes: EntryRoutes {
        let prefix = settings.redisKeyPrefix
        return EntryRoutes(
            store: rooms, vault: vault, guesses: PINGuesses(redis: redis, keyPrefix: prefix, budget: budget),
            misses: EntryRoutes.misses(redis: redis, keyPrefix: prefix),
            tickets: TicketTokens(clusterSecret: settings.service.clusterSecret), signaling: signaling,
            appointments: appointments, bans: bans)
    }

    var appointmentRoutes: AppointmentRoutes {
        AppointmentRoutes(rooms: rooms, store: appointments, vault: vault, links: links)
    }

    var invitationRoutes: InvitationRoutes { InvitationRoutes(rooms: rooms, vault: vault, links: links) }

    var mailedInvitationRoutes: InvitationMailRoutes {
        InvitationMailRoutes(
            rooms: rooms, vault: vault, links: links, identity: identityCalls, outbox: mail.outbox)
    }

    var auditRoutes: AuditRoutes { AuditRoutes(audit: audit) }
    var ownerRoutes: OwnerRoutes { OwnerRoutes(store: owners) }
    var meetingRoutes: MeetingRoutes { MeetingRoutes(rooms: rooms, meetings: meetings) }
    var banRoutes: BanRoutes { BanRoutes(rooms: rooms, bans: bans) }
}
