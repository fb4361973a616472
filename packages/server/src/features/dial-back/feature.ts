import type { DependencyContainer } from 'tsyringe'
import { also, once } from '../../core/base/parts.ts'
import { Random } from '../../core/base/random.ts'
import { Enrolments } from '../../core/commit/enrolments.ts'
import { Dialler, Knocker } from '../../core/ports/dialler.ts'
import { AgentAnswers } from '../../core/services/answers.ts'
import { DialBack } from './dial-back.ts'
import { reachability } from './reachability.ts'
import { tcpDialler } from './tcp-dialler.ts'

/** Calls a machine back, at the address where the server sees it. */
export const dialBack = (container: DependencyContainer): void => {
  once(container, Dialler, (c) => tcpDialler(c.resolve(Random)))
  once(container, DialBack, (c) => new DialBack(c.resolve(Dialler)))
  once(container, Knocker, (c) => c.resolve(DialBack))
  also(container, AgentAnswers, (c) => ({
    reachability: reachability({ enrolments: c.resolve(Enrolments), dialBack: c.resolve(DialBack) })
  }))
}
