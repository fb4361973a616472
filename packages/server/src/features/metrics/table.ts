import {
  agentRoutes,
  alertDays,
  alertEvents,
  causeCodes,
  failureClasses,
  operatorVerbs,
  type ProblemCode,
  problems,
  roles,
  states
} from '@joinery/protocol'
import type { RatedCall } from '../../core/base/rates/call-rates.ts'
import { callBuckets, commitBuckets, passBuckets, startupBuckets, waitBuckets } from './buckets.ts'
import { callOutcomes, calls, parts } from './calls.ts'
import { kubeadmStages } from './kubeadm-stage.ts'
import { counter, gauge, histogram, type LabelsOf, type Metric, other } from './metric.ts'

/** Stages of a join after the claim, in their order. */
export const stages = ['start', ...kubeadmStages, 'register', 'ready', 'in-service'] as const
export type Stage = (typeof stages)[number]

/** Values of the label of an alert's event. */
export const alertLabels = [...alertEvents, other] as const

export const waits = ['enrol', 'approve', 'claim'] as const

/** Budgets beyond which the server refuses, as the page of the configuration names them. */
const ratedCalls = {
  observations: true,
  progress: true,
  outcomes: true,
  recoveries: true,
  claims: true,
  causes: true
} as const satisfies Record<RatedCall, true>
export const budgetNames = ['connections', 'polls', ...(Object.keys(ratedCalls) as RatedCall[])] as const

const problemCodes = Object.keys(problems) as ProblemCode[]

/**
 * Every metric that a scrape has, and no other. `docs/reference/metrics.md` is made from this. A label never has a code, a name, an
 * address or a key: each list of values is closed, but for the version of an agent, of which there are few.
 */
export const metricTable = {
  joinery_build_info: gauge('Version of this server and of its Node.js; always 1.', {
    version: { open: 1, form: /^[\w.+~-]{1,64}$/, what: 'version of joinery-server' },
    node: { open: 1, form: /^v[\d.]{1,32}$/, what: 'version of Node.js' }
  }),

  joinery_enrolments: gauge('Enrolments in the store, by their state.', { state: states }),
  joinery_tokens: gauge(
    'Bootstrap tokens. `open`: of an attempt that is open. `leftover`: the attempt is over, and the server deletes the token at each sweep until nothing can bring it back. `overdue`: the same, more than five minutes after the end of its life.',
    { state: ['open', 'leftover', 'overdue'] }
  ),
  joinery_joins: gauge(
    'Machines between their claim and Ready (`joining`), and approved ones that wait for their turn to claim (`waiting`).',
    { state: ['joining', 'waiting'] }
  ),
  joinery_joins_at_once: gauge(
    'Largest number of machines that may join at once. `configured`: joinsAtOnce. `now`: lower while the API server has too much to do.',
    { bound: ['now', 'configured'] }
  ),
  joinery_wait_duration_seconds: histogram(
    'Time for which a machine waited before its join: from its code to `enrol`, from there to the approval, and from the approval to the claim.',
    { wait: waits, role: roles },
    waitBuckets
  ),
  joinery_stage_duration_seconds: histogram(
    'Time of each stage of a join. `start`: from the claim to the first words of kubeadm. Stages of kubeadm by its own names, as the agent reports them. `register`: from the claim to the Node. `ready`: from the Node to Ready. `in-service`: from Ready until all gates held.',
    { stage: stages, role: roles },
    startupBuckets
  ),
  joinery_join_duration_seconds: histogram(
    'Time from the claim of the attempt that succeeded to `ready`.',
    { role: roles },
    startupBuckets
  ),
  joinery_attempt_failures_total: counter(
    'Attempts that failed, by the class that the failure rules of the agent gave. `server`: the server ended the attempt, at its deadline or because it could not make the credential.',
    { class: [...failureClasses, 'server'], role: roles }
  ),
  joinery_agent_outcomes_total: counter('Outcomes that agents reported, by the version of the agent.', {
    outcome: ['ready', 'failed'],
    version: {
      open: 16,
      form: /^(dev|\d{1,4}\.\d{1,4}\.\d{1,4})$/,
      what: 'version of joinery-agent; the first 16 that come, and `other`'
    }
  }),
  joinery_operator_decisions_total: counter('Decisions of operators, over the socket and over Kubernetes.', {
    verb: operatorVerbs
  }),
  joinery_csr_decisions_total: counter(
    'Decisions about certificate requests, by the signer. `left`: not approved, and left for a person. `denied`: nobody can approve it any more.',
    { signer: ['kubelet-client', 'kubelet-serving'], verdict: ['approved', 'left', 'denied'] }
  ),
  joinery_recoveries_total: counter('Ways back of machines that lost the certificate of their kubelet, by event.', {
    event: ['asked', 'approved', 'claimed', 'back', 'failed', 'refused', 'frozen']
  }),
  joinery_recent_alerts: gauge(`Alerts of the last ${alertDays} days, as \`joinery status\` counts them, by event.`, {
    event: alertLabels
  }),
  joinery_last_alert_timestamp_seconds: gauge(
    `Time of the last alert of the last ${alertDays} days, by event, by the clock of the server that told it; 0 if there was none.`,
    { event: alertLabels },
    'seconds'
  ),
  joinery_alerts_total: counter('Alerts since the start of the server, by event.', { event: alertLabels }),
  joinery_nodes: gauge('Nodes of the cluster as the last pass saw them, by the status of their condition Ready.', {
    ready: ['True', 'False', 'Unknown']
  }),
  joinery_nodes_not_ready: gauge('Nodes of Joinery that are not Ready, by their likeliest cause.', {
    cause: causeCodes
  }),

  joinery_commits_total: counter('Commits of the store, by their result. `failed`: the store could not write.', {
    result: ['committed', 'stale', 'name-taken', 'key-taken', 'control-plane-busy', 'joins-full', 'decided', 'failed']
  }),
  joinery_commit_duration_seconds: histogram('Time of a commit, with the sync of the disk.', {}, commitBuckets),
  joinery_store_bytes: gauge('Size of the files of the store.', { file: ['database', 'wal'] }, 'bytes'),
  joinery_store_rows: gauge('Rows of the store. `timeline` is the log of all that happened.', {
    table: ['codes', 'enrolments', 'timeline', 'outsiders', 'decisions']
  }),

  joinery_server_active: gauge('1 if this server is the active one; 0 if it stands by.', {}),
  joinery_servers: gauge(
    'Servers of this installation, as this one knows them. `away`: nothing was heard of it for half a minute. All 0 with `store: file`.',
    { state: ['active', 'standby', 'away'] }
  ),
  joinery_log_batches: gauge(
    'Batches in the head of the log, because their documents are not all written. Absent with `store: file`, as all of the log.',
    {}
  ),
  joinery_log_bytes: gauge('Size of the log in etcd.', { part: ['head', 'documents'] }, 'bytes'),
  joinery_log_documents: gauge('Documents of the log. `waiting`: the newest content is in the head alone.', {
    state: ['all', 'waiting']
  }),
  joinery_log_writable: gauge('1 if the log can be written; 0 if not: nothing is acknowledged then.', {}),
  joinery_log_written_bytes_total: counter('Bytes that this server sent to etcd for the log.', {}, 'bytes'),

  joinery_passes_total: counter(
    'Passes of the reconciler. `cluster`: the API server did not answer or refused. `error`: a fault of the server itself.',
    { kind: ['look', 'sweep'], outcome: ['ok', 'cluster', 'error'] }
  ),
  joinery_pass_duration_seconds: histogram(
    'Time of a pass of the reconciler.',
    { kind: ['look', 'sweep'] },
    passBuckets
  ),
  joinery_pass_delay_seconds: histogram(
    'Time from the moment at which something asked for a pass to its beginning.',
    {},
    passBuckets
  ),
  joinery_cluster_up: gauge(
    '1 if the API server answered in the last pass; 0 if not. Absent before the first pass.',
    {}
  ),
  joinery_last_pass_timestamp_seconds: gauge(
    'Time at which the last pass ended in which the API server answered, by the clock of this host.',
    {},
    'seconds'
  ),
  joinery_kubernetes_calls_total: counter(
    'Calls to the API server, by the part of the server that made them. A call may be several requests.',
    { part: parts, call: calls, outcome: callOutcomes }
  ),
  joinery_kubernetes_call_duration_seconds: histogram(
    'Time of a call to the API server.',
    { part: parts },
    callBuckets
  ),
  joinery_view_lag_seconds: histogram(
    'Time from a commit until Kubernetes shows the enrolment as it is.',
    {},
    passBuckets
  ),

  joinery_connections: gauge(
    'Connections of the port for agents. `stranger`: the key has no live enrolment, or is not proven yet.',
    {
      peer: ['known', 'stranger']
    }
  ),
  joinery_polls: gauge('Long polls of agents that wait now.', {}),
  joinery_polls_total: counter(
    'Long polls that were answered. `changed`: with news. `ended`: a newer poll of the machine came. `nothing`: its time was over, or the machine was gone.',
    { end: ['changed', 'ended', 'nothing'] }
  ),
  joinery_refusals_total: counter('Problems that machines got as an answer, by their code.', { problem: problemCodes }),
  joinery_unknown_fields_total: counter(
    'Requests of agents with fields that this server does not know, by call. It leaves them out: those agents are newer than it.',
    { call: Object.keys(agentRoutes) as (keyof typeof agentRoutes)[] }
  ),
  joinery_over_budget_total: counter(
    'Connections, polls and calls of machines beyond a budget. Connections of strangers are then refused, or displace an older one.',
    { budget: budgetNames }
  ),

  joinery_notices: gauge(
    'Notices that are kept, of all receivers. `dead`: no receiver took it in time; it can be sent again.',
    {
      state: ['waiting', 'dead']
    }
  ),
  joinery_notices_sent_total: counter('Notices that a receiver took.', {}),
  joinery_notice_receivers: gauge(
    'Receivers of notices. `failing`: the last try failed. `gone`: it answered 410, and gets nothing more.',
    {
      state: ['well', 'failing', 'gone']
    }
  ),

  joinery_metrics_requests_total: counter('Requests for metrics over the network, by the status of the answer.', {
    status: ['200', '400', '401', '404', '405', '500']
  }),
  joinery_metrics_failures_total: counter('Parts of a scrape that could not be read; the scrape lacks their values.', {
    part: ['store', 'nodes', 'notices', 'process', 'server']
  }),

  joinery_event_loop_delay_seconds: gauge(
    'Delay of the event loop since the scrape before, by percentile; sampled each 20 ms from the first scrape on.',
    { percentile: ['50', '99', '100'] },
    'seconds'
  ),
  joinery_event_loop_busy_seconds_total: counter('Time in which the event loop had work.', {}, 'seconds'),
  process_cpu_seconds_total: counter('CPU time of the server, user and system.', {}, 'seconds'),
  process_resident_memory_bytes: gauge('Memory of the server that is in RAM.', {}, 'bytes'),
  process_open_fds: gauge('Open file descriptors of the server.', {}),
  process_start_time_seconds: gauge('Time at which the server started, since the epoch.', {}, 'seconds'),
  nodejs_heap_used_bytes: gauge('Heap of the server that is in use.', {}, 'bytes')
} as const satisfies Record<string, Metric>
export type MetricName = keyof typeof metricTable
export type Labels<Name extends MetricName> = LabelsOf<(typeof metricTable)[Name]>

/** Names of one kind of metric. */
export type NameOf<T extends Metric['type']> = {
  [Name in MetricName]: (typeof metricTable)[Name]['type'] extends T ? Name : never
}[MetricName]
