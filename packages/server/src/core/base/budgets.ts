import type { InjectionToken } from 'tsyringe'

/**
 * Budgets for what anybody who reaches the agents' port, or the port for metrics, can cause, each number once.
 * `docs/reference/server-configuration.md` is made from them, and says what happens beyond each. Milliseconds and
 * bytes, unless a name says otherwise.
 */
export const budgets = {
  connections: {
    /** All connections. One that waits costs 80 KB, and the unit's MemoryMax is made for that many. */
    all: 10_000,
    /** Connections of strangers: the key has no live enrolment, or is not proven yet. */
    strangers: 4_096,
    /** Connections of strangers from one address (an IPv6 /64): a thousand machines may boot at once behind one NAT. */
    strangersOfAddress: 2_048,
    /** Requests on one connection of a stranger: it may read none of the answers, and the kernel keeps them. */
    requestsOfStranger: 100,
    /**
     * Connections of one key with a live enrolment. An agent has two, and older ones stay until they are known to be
     * dead.
     */
    ofKey: 4
  },
  handshakes: {
    /**
     * Steps of handshakes in one turn of the event loop, about 1 ms each. Between two turns the server answers
     * connections that are in.
     */
    stepsInTurn: 4,
    /** Time from the connection to its first byte. */
    silence: 10_000,
    /** Time from the first step of a handshake to its end. */
    timeout: 5_000,
    /**
     * Bytes that may come before the handshake ends. An honest machine sends 2.2 KB; OpenSSL verifies whatever chain it
     * gets.
     */
    bytes: 4_096
  },
  /** Bounds of what a connection sends between two requests, in records of TLS. */
  sent: {
    /** Bytes of all records. The longest request has 64 KB of body and 16 KB of headers. */
    bytes: 128 * 1024,
    /** Least bytes that a record counts as. An agent sends 16 KB in each. A client that only changes its keys sends 27. */
    record: 4 * 1024,
    /** Records that are handed on as they come. If more come at once, they wait for a turn. */
    atOnce: 8,
    /** Connections whose records wait for a turn: each holds up to 128 KB. */
    waiting: 64
  },
  /** Time that a connection may stay without a request. */
  keepAlive: {
    strangers: 5_000,
    /** Time for a known key: longer than an agent's pause between two polls. */
    known: 72_000
  },
  requests: {
    /** Time until the headers of a request are there. */
    headersTimeout: 3_000,
    /** Time until the whole request is there. */
    timeout: 5_000,
    bodyBytes: 64 * 1024
  },
  /** The agent's packages that are on their way to machines. Nobody needs a certificate to fetch one. */
  packages: {
    /** All of them. One costs up to 4.5 MB, most of it in the kernel, and the unit's MemoryMax is made for that many. */
    all: 16,
    /** Packages on their way to one address (an IPv6 /64). */
    ofAddress: 4,
    /** Time in which the machine takes nothing of it. */
    idle: 30_000,
    /** Seconds after which a machine that found no place may come again. */
    retryAfter: 5
  },
  /** Long polls that wait at the same time. */
  polls: {
    /**
     * All long polls: fewer than connections, so that machines which wait leave room for those that enrol, claim and
     * report.
     */
    all: 8_000,
    /** Seconds after which an ended poll may come again: a newer poll of one key ends the older one. */
    endedRetryAfter: 5,
    /** Seconds after which a machine that found no room to wait may come again. */
    fullRetryAfter: 30
  },
  /** Calls of one key: once in `each` milliseconds, and `burst` times at once after a quiet time. */
  calls: {
    /**
     * Calls with evidence of a machine, which the server writes: enrol, observation, and a poll from another address.
     */
    observations: { each: 1_000, burst: 10 },
    /**
     * Calls with progress, of 20 stage lines at most: a control plane has so many. An agent of before makes a call for each, and one that
     * starts again during a join reports them again.
     */
    progress: { each: 1_000, burst: 60 },
    outcomes: { each: 1_000, burst: 10 },
    /** Asks for the way back, which the server writes. An agent asks once an hour, and again if an answer is lost. */
    recoveries: { each: 10_000, burst: 10 },
    /** Claims. Each asks the cluster several things, and the first claim of an attempt makes its credential. */
    claims: { each: 1_000, burst: 10 },
    /** Reports of why the Node is not Ready. Each that says something new is a write. */
    causes: { each: 5_000, burst: 5 }
  },
  /**
   * Rate at which the server writes that a code refused another machine for the same reason. The next one that is written counts those
   * in between.
   */
  refusals: { each: 60_000, burst: 10 },
  /** Keys whose rate the server remembers, for each kind of call. And the codes whose refusals are counted. */
  rememberedKeys: 20_000,
  /** Log lines about one enrolment for which its agent, or its kubelet, is the cause. The timeline has them anyway. */
  log: {
    lines: { each: 1_000, burst: 100 },
    /** Characters of a line's detail. */
    detail: 1_024
  },
  /**
   * Rate at which the server writes what a kubelet says about the conditions of one enrolment's Node. The next write
   * that is due takes up what the kubelet says in between.
   */
  nodeConditions: { each: 10_000, burst: 10 },
  /** Looks at the Pods of Nodes that wait for their gates. Each lists the Pods of one Node. */
  gates: {
    /** All looks: one in `each` milliseconds, and `burst` at once after a quiet time. */
    all: { each: 50, burst: 50 },
    /** Looks for one enrolment. */
    ofOne: { each: 2_000, burst: 5 },
    /** Pods of one Node that a look reads: no honest Node has as many before it takes Pods. */
    pods: 500
  },
  /** Looks at Nodes that are not Ready, to say why. Each look is five requests to the API server at most. */
  diagnosis: {
    /** Looks of the server by itself, at all Nodes together. */
    looks: { each: 1_000, burst: 30 },
    /** Looks that operators ask for. */
    asked: { each: 500, burst: 20 },
    /** Changes of the likeliest cause of one enrolment that are written. */
    changes: { each: 10_000, burst: 10 },
    /** Calls to the kubelet's port of one machine, if nothing is heard of it. They take slots of dials. */
    knocks: { each: 60_000 },
    /** Enrolments whose rate the server remembers. */
    remembered: 20_000,
    /** Pause between two rounds over the Nodes that are due. */
    pause: 5_000
  },
  /** Dials of machines at the same time: sockets that others can make this server hold. */
  dialBack: {
    /** Slots for dials. One code may hold a third at most, one address half: see `hasSlot`. */
    slots: 64,
    /** Seconds after which a machine may ask again: a try is over by then. */
    retryAfter: 5
  },
  /** Passes over the cluster. Each pass lists the CSRs and the Nodes. */
  passes: {
    /** Pause between the end of one pass and the beginning of the next, whatever changes meanwhile. */
    rest: 100,
    /** Pause while no machine joins: then nobody waits for the pass. */
    idleRest: 1_000
  },
  /**
   * Pause between two numbers by which the cluster hears that the store has changed. The number of each minute's sweep
   * does not count.
   */
  generation: { rest: 10_000 },
  /** Decisions of the cluster. Operators make them, as many as they like. */
  decisions: {
    /** Decisions that the server asks for at a time. */
    page: 200,
    /** Decisions that one list reads. A look reads up to three. */
    listed: 10_000,
    /** Decisions that one look judges. */
    judged: 200,
    /** Enrolments whose Decisions are carried out at the same time. */
    atOnce: 4,
    /** Settled Decisions that stay in the cluster. */
    kept: 1_000,
    /** Decisions that one look deletes. More than it judges: what is settled goes faster than it comes. */
    deleted: 400,
    /** Pause between two looks. */
    rest: 100,
    /** Pause after a look that could not do all that it had to. */
    again: 5_000
  },
  /** Codes of the cluster. Operators make them, as many as they like. */
  codes: {
    /** Codes that the server asks for at a time. */
    page: 200,
    /** Codes that one list reads. A look reads up to three. */
    listed: 1_000,
    /** New Codes that one look judges, and codes that it revokes. */
    judged: 200,
    /** Codes that are judged, or deleted, at the same time. */
    atOnce: 4,
    /** Codes that are over and that one look deletes. */
    deleted: 100,
    /** The same for the oldest ones if there are more Codes than one look reads. */
    excess: 10,
    /** Pause between two looks. */
    rest: 500,
    /** Pause after a look that could not do all that it had to. */
    again: 5_000,
    /** Writes of a status: one in `each` milliseconds, and `burst` at once after a quiet time. */
    writes: { each: 50, burst: 50 },
    /** Time between two writes of one status. What changes meanwhile is in the next one. */
    each: 1_000
  },
  /** Notices to webhooks, and traces. The timelines are their queue: what is not read yet costs nothing. */
  notices: {
    /** Notices of one kind that wait for one receiver. One more notice stands for all further ones. */
    waiting: 100,
    /** Notices that one receiver did not take, and that are kept. */
    kept: 100,
    /** Time for one try. Of each receiver there is one at a time. */
    timeout: 10_000,
    /** Time after a commit in which others may come, before the timelines are read. */
    gather: 100,
    /** Pause after trouble with the store. */
    again: 5_000,
    /** Entries of timelines that are read at a time. */
    page: 250,
    /** Entries without a notice after which the place in the timelines is written. */
    unsaved: 1_000
  },
  /** Streams of the changes of enrolments over the operators' socket. */
  events: {
    /** Streams at the same time. */
    readers: 64,
    /** Enrolments of which the last change is remembered, for those who come back; and those that one reader has not taken yet. */
    remembered: 10_000,
    /** Enrolments in one event. */
    batch: 100,
    /** Time after a change in which others may come, before it is told. */
    gather: 100,
    /** Longest time without a word. */
    heartbeat: 20_000,
    /** Time between two looks whether something else than a commit changed how enrolments look. */
    look: 1_000,
    /** Time between two looks at all enrolments on their way. */
    sweep: 15_000
  },
  /** The approval policy. What a rule may take is in the package of the policy. */
  policy: {
    /** Time between two looks at the file. */
    look: 5_000,
    /** Time after a commit in which others may come, before machines are judged. */
    gather: 20,
    /** Time between two looks at all machines that wait. */
    sweep: 60_000
  },
  /** The audit log. Its leaves are in the store until they are in its folder. */
  audit: {
    /** Leaves that go into the folder at a time. */
    batch: 1_000,
    /** Time after a commit in which others may come, before the folder is written. */
    gather: 1_000,
    /**
     * The same with the store in the cluster. The state of the audit log has up to 255 leaves (80 KB, and most of it cannot be packed),
     * and each time it is in the head of the log that the next commits send as well.
     */
    gatherInCluster: 10_000,
    /** Pause without new leaves. */
    idle: 60_000,
    /** Pause after trouble with folder, store or cluster. */
    again: 5_000,
    /** Readers whose reads have a leaf of their own in one hour. Further ones have one together. */
    readers: 100,
    /** Time between two checkpoints that are written elsewhere. */
    elsewhere: 60_000
  },
  /** Objects of `joinery.dev` by which Kubernetes shows the enrolments. */
  views: {
    /** Writes to the API server: one in `each` milliseconds, and `burst` at once after a quiet time. */
    writes: { each: 20, burst: 50 },
    /** Time between two writes of one object. What changes meanwhile is in the next one. */
    each: 1_000,
    /**
     * Time after which an object shows how far a machine has come between its claim and Ready. A quick join is shown as approved and as
     * ready, and at no step between.
     */
    arriving: 5_000,
    /** Time after which the server puts back what somebody else changed. Two servers on one store do not chase each other. */
    putBack: 10_000,
    /** Time between two looks at all of the objects. */
    sweep: 45_000,
    /** Time between two pages of such a look. */
    page: 500
  },
  /** The log of `store: cluster`. A full etcd stops the cluster, so what is written there is bounded. */
  clusterLog: {
    /** Bytes that all documents may take in etcd. etcd's own default is 2 GB for everything. */
    total: 64 * 1024 * 1024,
    /**
     * Bytes that are written: in one second, and at once after a quiet time. The API server compacts etcd every five minutes, so
     * until then each write takes its room.
     */
    rate: { bytes: 2 * 1024 * 1024, burst: 128 * 1024 * 1024 },
    /** Documents that are written at the same time. */
    atOnce: 8,
    /** Time for which a document rests before it is written: the steps of a machine come soon after one another. */
    gather: 2_000,
    /** Time after which a document is written although it does not rest. */
    gatherAtMost: 10_000,
    /**
     * Bytes of a head from which on documents are written sooner, those first that have rested longest. The whole head is sent with each
     * commit.
     */
    gatherBelow: 12 * 1024,
    /** Time that a commit waits until documents are written and the head has room for it. */
    room: 5_000,
    /** Time without a commit after which an empty one shows whether the head is still this server's, if it doubts that. */
    idle: 1_000,
    /** Time without a commit after which an empty one takes out of the head what is written. */
    clear: 60_000,
    /** First pause after a call that failed. Each further one is twice as long, until `pauseAtMost`. */
    pause: 100,
    pauseAtMost: 2_000,
    /** Documents that somebody edited or put back, and that an alert tells. */
    told: { each: 60_000, burst: 10 },
    /** Time for which a request that somebody sent may be carried out late. Until then what is deleted leaves its name taken. */
    late: 900_000
  },
  /** The port for metrics. A Prometheus needs one connection, and one request in some seconds. */
  metrics: {
    /** All connections. */
    connections: 32,
    /** Connections from one address (an IPv6 /64). */
    connectionsOfAddress: 8,
    /** New connections, each of which may be a handshake: one in `each` milliseconds, and `burst` after a quiet time. */
    newConnections: { each: 50, burst: 40 },
    /** The same from one address. */
    newConnectionsOfAddress: { each: 200, burst: 20 },
    /** Time until a handshake is over. */
    handshake: 5_000,
    /** Time until the headers of a request are there. */
    headersTimeout: 3_000,
    headerBytes: 8 * 1024,
    /** Time that a connection may stay without a request, or without taking the answer. */
    idle: 5_000
  }
}
export type Budgets = typeof budgets
export const Budgets = Symbol('Budgets') as InjectionToken<Budgets>
