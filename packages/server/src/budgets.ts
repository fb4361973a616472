/**
 * What whoever reaches the agents' port may cause, each number once. `docs/reference/server-configuration.md` is made of
 * them; what is over a budget is refused, cut or put off, as it says there. Milliseconds and bytes, unless a name says more.
 */
export const budgets = {
  /** Sockets at the door, before anything is known of who they are. */
  connections: {
    /** In all: an agent that waits costs 80 KB, and the unit's MemoryMax is made for that many. */
    all: 10_000,
    /** Of keys without a live enrolment, and of sockets whose key is not proven yet. */
    strangers: 4_096,
    /** The same, of one address (an IPv6 /64): a fleet of a thousand may boot at once behind one NAT. */
    strangersOfAddress: 1_024,
    /** Of one key with a live enrolment: an agent needs one, and a second while it comes back. */
    ofKey: 4
  },
  handshakes: {
    /** At once: little work for each turn of the event loop, so that those who are in are answered between. */
    atOnce: 32,
    /** At once of one address, so that others find a place. */
    ofAddress: 16,
    /** One that takes longer goes on, but the next one may begin: who is slow holds up nobody. */
    slowAfter: 300,
    /** One that takes longer is cut. */
    timeout: 5_000,
    /** That may arrive before it is done: an honest one is 2.2 KB, and OpenSSL verifies whatever chain it gets. */
    bytes: 4_096
  },
  /** Until an idle connection is closed. */
  keepAlive: {
    strangers: 5_000,
    /** Longer than the pause between two long polls of an agent. */
    known: 72_000
  },
  requests: {
    /** Until the headers are there. */
    headersTimeout: 3_000,
    /** Until all of it is there. */
    timeout: 5_000,
    bodyBytes: 64 * 1024
  }
} as const
