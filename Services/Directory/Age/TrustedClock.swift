import Postgres

/// Nothing is given up for its age while the database's clock may be wrong.
///
/// The sweeper notes each day that passes in `sweep_day`. A clock that is days ahead of the last one was set forward, or nobody has looked
/// for so long: then nothing is removed for its age until `pause` more days were seen to pass.
enum TrustedClock {
    /// Days without a look that are one too many.
    static let gap = 3
    /// Days, as they are seen to pass.
    static let pause = 7

    /// A condition for deletions by age and for letters about it.
    static var holds: SQL {
        """
        exists (select 1 from sweep_day where day >= trusted_on and began_at > now() - make_interval(days => \(gap)))
        """
    }
}
