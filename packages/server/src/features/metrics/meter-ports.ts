import type { Clock } from '../../core/base/clock.ts'
import type { RateMeter } from '../../core/base/rates/call-rates.ts'
import type { PollMeter } from '../../core/commit/waiting.ts'
import type { ConnectionMeter } from '../../core/ports/connections.ts'
import type { PassMeter } from '../../core/reconcile/pacemaker.ts'
import type { OutcomeMeter } from '../../core/services/agent/outcome.ts'
import type { Meter } from './meter.ts'

/** The ports by which other parts say what happened there, each as its user has declared it. */
export const meterPorts = (meter: Meter, clock: Clock) => ({
  polls: {
    ended: (end) => meter.count('joinery_polls_total', { end }),
    full: () => meter.count('joinery_over_budget_total', { budget: 'polls' })
  } satisfies PollMeter,

  rates: {
    refused: (call) => meter.count('joinery_over_budget_total', { budget: call })
  } satisfies RateMeter,

  door: {
    crowdedOut: () => meter.count('joinery_over_budget_total', { budget: 'connections' })
  } satisfies ConnectionMeter,

  passes: {
    passed: ({ sweep, outcome, delay, duration }) => {
      const kind = sweep ? 'sweep' : 'look'
      meter.count('joinery_passes_total', { kind, outcome })
      meter.observe('joinery_pass_duration_seconds', { kind }, duration / 1000)
      meter.observe('joinery_pass_delay_seconds', {}, delay / 1000)
      meter.set('joinery_cluster_up', {}, outcome === 'cluster' ? 0 : 1)
      if (outcome === 'ok') meter.set('joinery_last_pass_timestamp_seconds', {}, clock.now().getTime() / 1000)
    }
  } satisfies PassMeter,

  outcomes: {
    noted: ({ outcome, role, version = '' }) => {
      meter.count('joinery_agent_outcomes_total', { outcome: outcome === 'ready' ? outcome : 'failed', version })
      if (outcome !== 'ready') meter.count('joinery_attempt_failures_total', { class: outcome, role })
    }
  } satisfies OutcomeMeter
})
