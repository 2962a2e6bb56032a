import Dispatch
import Glibc

/// Monotonic time in nanoseconds. It travels in chat texts, so that the receiver knows how long a message took.
enum Clock {
    static func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

    static func seconds(_ count: Double) -> UInt64 { UInt64(count * 1e9) }

    /// CPU seconds that this process has used so far: to show that the generator was not what was measured.
    static func ownCPU() -> Double { Double(clock()) / 1e6 }
}
