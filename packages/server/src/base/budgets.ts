import type { InjectionToken } from 'tsyringe'

/**
 * What whoever reaches the agents' port may cause, each number once. `docs/reference/server-configuration.md` is made of
 * them, and says what happens to what is more. Milliseconds and bytes, unless a name says otherwise.
 */
export const budgets = {
  connections: {
    /** In all. One that waits costs 80 KB, and MemoryMax of the unit is made for that many. */
    all: 10_000,
    /** Of strangers: whose key has no live enrolment, or is not proven yet. */
    strangers: 4_096,
    /** Of strangers of one address (an IPv6 /64): a thousand machines may boot at once behind one NAT. */
    strangersOfAddress: 2_048,
    /** Of one key with a live enrolment: an agent has two, and those of before until they are known to be dead. */
    ofKey: 4
  },
  handshakes: {
    /** Steps of handshakes in one turn of the event loop; about 1 ms each. Who is in is answered between two turns. */
    stepsInTurn: 4,
    /** From the connection to its first byte. */
    silence: 10_000,
    /** From the first step to the end. */
    timeout: 5_000,
    /** That may come before the end. An honest machine sends 2.2 KB; OpenSSL verifies whatever chain it gets. */
    bytes: 4_096
  },
  /** How long a connection may stay without a request. */
  keepAlive: {
    strangers: 5_000,
    /** Longer than the pause of an agent between two polls. */
    known: 72_000
  },
  requests: {
    /** Until the headers are there. */
    headersTimeout: 3_000,
    /** Until all of it is there. */
    timeout: 5_000,
    bodyBytes: 64 * 1024
  },
  /** Long polls that wait at the same time. */
  polls: {
    /** In all: fewer than connections, so that who waits leaves room for who enrols, claims and reports. */
    all: 8_000,
    /** Of one key: a newer one ends the older, which is told to come again after this many seconds. */
    endedRetryAfter: 5,
    /** Seconds after which a machine may come again that found no room to wait. */
    fullRetryAfter: 30
  },
  /** Calls of one key: once in `each` milliseconds, and `burst` times at once after a quiet time. */
  calls: {
    /** Evidence of a machine, which is written: enrol, observation, and a poll from another address. */
    observations: { each: 1_000, burst: 10 },
    /** A control plane has 20 stage lines, and an agent that starts anew during a join reports them again. */
    progress: { each: 200, burst: 60 },
    outcomes: { each: 1_000, burst: 10 },
    /** Each asks the cluster several things, and the first of an attempt makes its credential. */
    claims: { each: 1_000, burst: 10 }
  },
  /** Keys of which it is remembered how often they called, of each such call. */
  rememberedKeys: 20_000,
  /** What goes into the log of one enrolment because its agent, or its kubelet, said something; the timeline has it anyway. */
  log: {
    lines: { each: 1_000, burst: 100 },
    /** Characters of a line's detail. */
    detail: 1_024
  },
  /**
   * Of one enrolment's Node: what its kubelet says of the condition is written so often, and what it says in between is known
   * when the next one is due.
   */
  nodeConditions: { each: 10_000, burst: 10 },
  /** Machines that are dialled at the same time: sockets that others can make this server hold. */
  dialBack: {
    /** Of one code a third at most, of one address half: see `hasSlot`. */
    slots: 64,
    /** Seconds: a try is over by then. */
    retryAfter: 5
  },
  /** Over the cluster: each lists its requests for certificates and its Nodes. */
  passes: {
    /** Between the end of one and the beginning of the next, whatever changes meanwhile. */
    rest: 100,
    /** The same while no machine joins: then nobody waits for it. */
    idleRest: 1_000
  },
  /** Between two numbers by which the cluster hears that the store has changed, but for that of each minute. */
  generation: { rest: 10_000 }
}
export type Budgets = typeof budgets
export const Budgets = Symbol('Budgets') as InjectionToken<Budgets>
