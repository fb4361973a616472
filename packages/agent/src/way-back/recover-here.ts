import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { exec } from '@joinery/host/exec'
import { type Files, filesUnder } from '@joinery/host/files'
import { escapeText, shortFingerprint, version } from '@joinery/protocol'
import { linuxHost } from '../host/linux-host.ts'
import { bootId, machineIds } from '../host/machine-ids.ts'
import { JournalFile } from '../journal/journal.ts'
import { RecoveryFile } from '../journal/recovery-record.ts'
import { type Identity, keptIdentity } from '../keys/identity.ts'
import { joinKeyFile, recoveryKeyName } from '../keys/join-key.ts'
import { factsReader } from '../machine/facts.ts'
import { nodeNameOf } from '../machine/kubeadm/node-name.ts'
import { askApi } from '../machine/way-back/ask-api.ts'
import { debianRecovering } from '../machine/way-back/debian-recovering.ts'
import { openServers } from '../pairing/servers/open-servers.ts'
import { systemClock } from '../program/clock.ts'
import { loadConfig } from '../program/config.ts'
import { exitCodes } from '../program/exit-codes.ts'
import { makeLog } from '../program/log.ts'
import type { Terminal } from '../program/terminal.ts'
import { consolePrinter } from '../status/console.ts'
import { processStart } from '../status/process-start.ts'
import { type RecoveryPhase, readRecoveryReport, recoveryReportFile } from '../status/recovery/report.ts'
import { recoverAsRoot } from './as-root.ts'
import type { WayBackEnd } from './context.ts'
import { reportVersion } from './report-version.ts'
import { lookOnly, noNode, runWayBack } from './run-way-back.ts'

export interface RecoverOptions {
  configFile: string
  stateDirectory: string
  runDirectory: string
  uid: number
  /** Minutes for which an answer of the pairing server is awaited. Undefined if a person waits as long as it takes. */
  wait?: number
  /** True if systemd writes what is printed into its journal. */
  forJournal: boolean
}

const clock = systemClock
const portOf = (files: Files) => debianRecovering({ files, exec, askApi, monotonic: clock.monotonic })

/** Looks whether this machine needs the way back, and says so. Changes nothing. */
export const checkHere = async ({ stateDirectory, uid }: RecoverOptions, terminal: Terminal): Promise<void> => {
  requireRoot(uid)
  const files = filesUnder('/')
  const look = await lookOnly({ journal: new JournalFile(files, stateDirectory), recovering: portOf(files) })
  if (look === undefined) return finish(noNode, terminal)
  const { verdict, leftover } = look
  if (leftover) terminal.err('an interrupted way back left bootstrap-kubelet.conf: joinery-agent recover removes it\n')
  terminal.out(`${verdict.is}: ${escapeText(verdict.why)}\n`)
  for (const line of 'remedy' in verdict ? verdict.remedy : []) terminal.err(`remedy: ${line}\n`)
  if (verdict.is === 'unknown') terminal.exit(exitCodes.later)
  else if (verdict.is !== 'nothing' || leftover) terminal.exit(exitCodes.checkFails)
}

/** Brings this machine back, if it needs that. */
export const recoverHere = async (options: RecoverOptions, terminal: Terminal): Promise<void> => {
  const { configFile, stateDirectory, runDirectory, uid, wait, forJournal } = options
  requireRoot(uid)
  const files = filesUnder('/')
  const [journal, recovering] = [new JournalFile(files, stateDirectory), portOf(files)]
  const look = await lookOnly({ journal, recovering })
  if (look === undefined) return finish(noNode, terminal)
  const record = new RecoveryFile(files, stateDirectory)
  const unasked = (await record.read()).asked === undefined
  // the way of each hour: one look. Configuration, key and server are needed once after an upgrade
  if (look.verdict.is === 'nothing' && !look.leftover && unasked) {
    await reportVersionHere(options, files, terminal)
    return finish({ end: 'nothing', why: look.verdict.why, remedy: [] }, terminal)
  }
  const other = await readRecoveryReport(files, runDirectory)
  if (other !== undefined) {
    const why = `process ${other.process.pid} brings this machine back already: ${other.message}`
    return finish({ end: 'later', why, remedy: ['joinery-agent status --watch'] }, terminal)
  }
  const config = await loadConfig(configFile)
  const identity = await identityHere(files, stateDirectory)
  const log = makeLog(forJournal)
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  const say = await teller(files, runDirectory, identity.fingerprint, (line) => {
    log.info(line)
    void consolePrinter()(line)
  })
  try {
    const end = await runWayBack({
      recovering,
      looking: { facts: factsReader(linuxHost(files)) },
      server: openServers({ config, files, stateDirectory, identity: async () => identity, clock, log }).server,
      journal,
      record,
      key: joinKeyFile(files, stateDirectory, recoveryKeyName),
      clock,
      log,
      newValue: () => randomBytes(32).toString('hex'),
      bootId: await bootId(files),
      say,
      until: wait === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + wait * 60_000,
      signal: stop.signal
    })
    finish(end, terminal)
  } finally {
    await files.remove(recoveryReportFile(runDirectory))
  }
}

const reportVersionHere = async (options: RecoverOptions, files: Files, terminal: Terminal): Promise<void> => {
  const { configFile, stateDirectory, forJournal } = options
  const servers = async () => {
    const [config, identity] = [await loadConfig(configFile), await identityHere(files, stateDirectory)]
    const parts = { config, files, stateDirectory, identity: async () => identity, clock, log: makeLog(forJournal) }
    return openServers(parts).server
  }
  await reportVersion({ files, stateDirectory, version, servers, tell: terminal.err })
}

/** Brings a control plane back by the key of the cluster's CA that lies there, if a person agrees. */
export const recoverAsRootHere = async (
  { stateDirectory, runDirectory, uid }: RecoverOptions,
  yes: boolean,
  terminal: Terminal
): Promise<void> => {
  requireRoot(uid)
  const { stdin, stderr } = process
  if (!yes && !stdin.isTTY) {
    throw new CommandEnd(exitCodes.usage, 'there is nobody to ask', 'joinery-agent recover --as-root --yes')
  }
  const files = filesUnder('/')
  const { joined } = await new JournalFile(files, stateDirectory).read()
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  const end = await recoverAsRoot({
    files,
    exec,
    recovering: portOf(files),
    clock,
    runDirectory,
    nodeName: joined?.nodeName ?? (await nodeNameOf(files)),
    tell: (line) => terminal.err(`${escapeText(line)}\n`),
    agrees: async (question) => {
      if (yes) return true
      const lines = createInterface({ input: stdin, output: stderr })
      const answer = await lines.question(`${escapeText(question)}? [y/N] `).finally(() => lines.close())
      return /^y(es)?$/i.test(answer.trim())
    },
    signal: stop.signal
  })
  finish(end, terminal)
}

const requireRoot = (uid: number): void => {
  if (uid !== 0) throw new CommandEnd(exitCodes.failure, 'only root may do this', 'run the same command with sudo')
}

/** The key that the pairing server knows this machine by. It is never made anew here: another key is another machine. */
const identityHere = async (files: Files, stateDirectory: string): Promise<Identity> => {
  const identity = await keptIdentity(files, stateDirectory, await machineIds(files))
  if (identity !== undefined) return identity
  throw new CommandEnd(
    exitCodes.failure,
    'the key of this machine is gone, or is of another machine, so the pairing server cannot know it',
    'kubeadm reset, and joinery-agent enrol with a new code'
  )
}

/** Tells people what the way back does: a file for `joinery-agent status`, and one line when an operator has to decide. */
const teller = async (files: Files, runDirectory: string, key: string, announce: (line: string) => void) => {
  const { pid } = process
  const started = (await processStart(files, pid)) ?? ''
  let last = ''
  let writes: Promise<unknown> = Promise.resolve()
  return (phase: RecoveryPhase, message: string): void => {
    if (`${phase} ${message}` === last) return
    if (phase === 'waiting' && !last.startsWith('waiting'))
      announce(`waiting to come back; key ${shortFingerprint(key)}`)
    last = `${phase} ${message}`
    const report = { process: { pid, started }, key, phase, message, since: clock.monotonic() }
    // a report that cannot be written keeps nobody from the way back
    writes = writes
      .then(() => files.write(recoveryReportFile(runDirectory), `${JSON.stringify(report)}\n`, 0o600))
      .catch(() => {})
  }
}

/** Prints the end of a way back, and sets the exit code. */
const finish = ({ end, why, remedy }: WayBackEnd, terminal: Terminal): void => {
  if (end === 'failed') throw new CommandEnd(exitCodes.failure, why, remedy.join('; ') || undefined)
  terminal.out(`${escapeText(why)}\n`)
  for (const line of remedy) terminal.err(`remedy: ${escapeText(line)}\n`)
  if (end === 'later') terminal.exit(exitCodes.later)
}
