import type { Check, KubeletCertificate, Observation, Remediation, Role, SeenState } from '@joinery/protocol'
import type { Failure } from '../journal/journal.ts'
import type { ControlPlaneImages } from '../machine/port/looking.ts'

/** The next thing that the agent does. An executor does each kind of step, and then the machine is observed again. */
export type Step =
  | { do: 'finish' }
  | { do: 'keep'; reason: string }
  | { do: 'start-anew' }
  | { do: 'give-up'; reason: string }
  | { do: 'observe' }
  | { do: 'mend'; checks: Check[]; level: Remediation }
  | { do: 'enrol'; code: string; observation: Observation }
  | { do: 'ask' }
  | { do: 'survey'; state: SeenState; role: Role }
  | { do: 'report-observation'; observation: Observation }
  | { do: 'wait'; seconds: number; reason: string }
  | { do: 'claim-and-join' }
  | { do: 'follow'; attempt: number }
  | { do: 'await-node'; nodeName: string; certificate: KubeletCertificate }
  | { do: 'pull-images'; images: ControlPlaneImages }
  | { do: 'close'; failure?: Failure }
  | { do: 'leave-etcd' }
  | { do: 'report-failed'; attempt: number; failure: Failure }
  | { do: 'reset' }
  | { do: 'need-code' }
