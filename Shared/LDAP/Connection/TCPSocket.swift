import Foundation

/// Opens connections, with a limit for all addresses of a host together.
///
/// libldap could do that too. But it waits for each address anew, and one lock of it is held by whoever resolves a
/// name, so that one organization's dead name server would stop the sign-ins of all.
enum TCPSocket {
    /// Blocks until the limit at most, apart from the resolver of the system.
    /// - Returns: a blocking socket that is closed in children.
    static func connect(to address: LDAPAddress, within limit: Duration) throws(LDAPError) -> CInt {
        let list = try resolve(address)
        defer { freeaddrinfo(list) }
        let deadline = ContinuousClock.now + limit
        var next: UnsafeMutablePointer<addrinfo>? = list
        var left = sequence(first: list, next: { $0.pointee.ai_next }).count { _ in true }
        var problem = "There is no address for it."
        while let candidate = next {
            // Those that come later get their share, though the first ones may be silent.
            let share = ContinuousClock.now.duration(to: deadline) / left
            switch attempt(candidate.pointee, within: share) {
            case .success(let descriptor): return descriptor
            case .failure(let failure): problem = String(cString: strerror(failure.number))
            }
            next = candidate.pointee.ai_next
            left -= 1
        }
        throw .unreachable(problem)
    }

    private struct Failure: Error {
        let number: CInt
    }

    private static func resolve(_ address: LDAPAddress) throws(LDAPError) -> UnsafeMutablePointer<addrinfo> {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(address.host, String(address.port), &hints, &list)
        guard status == 0, let list else { throw .unreachable(String(cString: gai_strerror(status))) }
        return list
    }

    private static func attempt(_ address: addrinfo, within limit: Duration) -> Result<CInt, Failure> {
        let kind = address.ai_socktype | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else { return .failure(Failure(number: errno)) }
        if let number = problem(of: descriptor, address, within: limit) {
            close(descriptor)
            return .failure(Failure(number: number))
        }
        return .success(descriptor)
    }

    /// - Returns: the number of the error; `nil` when the socket is connected and blocks.
    private static func problem(of descriptor: CInt, _ address: addrinfo, within limit: Duration) -> CInt? {
        if Foundation.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
            guard errno == EINPROGRESS else { return errno }
            if let number = wait(for: descriptor, until: ContinuousClock.now + limit) { return number }
        }
        var number: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 else { return errno }
        guard number == 0 else { return number }
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, size)
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0 else { return errno }
        return nil
    }

    private static func wait(for descriptor: CInt, until deadline: ContinuousClock.Instant) -> CInt? {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return ETIMEDOUT }
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            switch poll(&entry, 1, CInt(clamping: milliseconds + 1)) {
            case 1...: return nil
            case 0: continue
            default: guard errno == EINTR else { return errno }
            }
        }
    }
}
