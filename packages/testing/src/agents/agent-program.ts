import { createContainer } from '@joinery/agent/testing/commands'
import { runAgent } from '@joinery/agent/testing/loop'
import { UnitStatus } from '@joinery/agent/testing/machine'
import { Door, PairingServer } from '@joinery/agent/testing/pairing'
import { Clock, Log } from '@joinery/agent/testing/program'
import { Show } from '@joinery/agent/testing/status'

/** The parts of the agent that a test puts together. One of an earlier commit has parts of the same names. */
export type AgentProgram = typeof presentAgent

/** The agent of this tree. */
export const presentAgent = { createContainer, runAgent, UnitStatus, Door, PairingServer, Clock, Log, Show }
