import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { given } from '@joinery/protocol/given'
import type { DependencyContainer } from 'tsyringe'
import { Budgets } from '../../core/base/budgets.ts'
import { also, once } from '../../core/base/parts.ts'
import { Worker } from '../../core/base/worker.ts'
import { Follower, LeavesOf } from '../../core/commit/commits.ts'
import { common } from '../../core/common.ts'
import type { ServerConfig } from '../../core/config/config.ts'
import { ensureAuditKey } from '../../core/keys/audit-key.ts'
import { AuditQueue } from '../../core/ports/store/audit-queue.ts'
import { NoteRead, OperatorAnswers } from '../../core/services/answers.ts'
import { Tell } from '../../core/services/told.ts'
import { AuditFollower, clusterIdOf } from './audit-follower.ts'
import { AuditService, auditRemedies } from './audit-service.ts'
import { Elsewhere, RunProgram } from './elsewhere.ts'
import { leavesOf } from './leaves-of.ts'
import { LogFolder, logFolder } from './log-folder.ts'
import { Reads } from './reads.ts'

export { leavesOf }

/** Writes the audit log: each commit has its leaves with it, and the folder of the log follows the store. */
export const audit = async (container: DependencyContainer, config: ServerConfig): Promise<void> => {
  const { key } = await ensureAuditKey(config.state)
  once(container, LogFolder, () => logFolder(join(config.state, 'audit')))
  once(
    container,
    AuditFollower,
    (c) =>
      new AuditFollower({
        ...common(c),
        queue: c.resolve(AuditQueue),
        folder: c.resolve(LogFolder),
        key,
        cluster: () => clusterIdOf(common(c).cluster),
        budget: c.resolve(Budgets).audit,
        ...(config.store === 'cluster' && { server: config.agents.address })
      })
  )
  once(
    container,
    AuditService,
    (c) =>
      new AuditService({
        queue: c.resolve(AuditQueue),
        folder: c.resolve(LogFolder),
        follower: c.resolve(AuditFollower)
      })
  )
  once(container, RunProgram, () => (program, words) => promisify(execFile)(program, [...words]))
  once(
    container,
    Elsewhere,
    (c) =>
      new Elsewhere({
        ...common(c),
        targets: config.audit?.checkpoints ?? [],
        newest: () => c.resolve(AuditService).newest(),
        run: c.resolve(RunProgram),
        every: c.resolve(Budgets).audit.elsewhere
      })
  )
  once(container, LeavesOf, () => leavesOf)
  also(container, Follower, (c) => ({
    name: 'audit log',
    take: ({ change: { leaves = [] } }) => {
      if (leaves.length > 0) c.resolve(AuditFollower).nudge()
    }
  }))
  once(container, Reads, (c) => new Reads({ ...common(c), budget: c.resolve(Budgets).audit }))
  also(container, NoteRead, (c) => (by) => c.resolve(Reads).note(by))
  also(container, OperatorAnswers, (c) => {
    const service = c.resolve(AuditService)
    return {
      listAuditLogs: () => service.logs(),
      listAudit: ({ query }) => service.list(query),
      readAuditFile: ({ query }) => service.file(query)
    }
  })
  also(container, Tell, (c) => async () => {
    const now = await c.resolve(AuditService).now()
    return { rows: given({ audit: now }), remedies: [...auditRemedies(now), ...c.resolve(Elsewhere).remedies] }
  })
  also(container, Worker, (c) => c.resolve(AuditFollower))
  also(container, Worker, (c) => c.resolve(Elsewhere))
}
