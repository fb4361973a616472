import * as base from '@joinery/server/testing/base'
import * as dialBack from '@joinery/server/testing/dial-back'
import * as metrics from '@joinery/server/testing/metrics'
import * as program from '@joinery/server/testing/program'
import * as reconcile from '@joinery/server/testing/reconcile'

/** The parts of the pairing server that a test puts together. One of an earlier commit has parts of the same names. */
export type ServerProgram = typeof presentServer

/** The pairing server of this tree. */
export const presentServer = { ...base, ...dialBack, ...metrics, ...program, ...reconcile }
