import { shellWord } from '@joinery/host/text/shell-word'
import { beta, version } from '@joinery/protocol'
import type { Command } from 'commander'
import { printNext } from '../../output/next-command.ts'
import { inSession, type Session } from '../../session/session.ts'
import { mustBeNew } from '../../terminal/new-file.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { moment } from '../../terminal/times.ts'

const examples = `Examples:
  joinery bundle                                  a file in this folder, named with the time
  joinery bundle --out case-17.tar.gz             as root on the pairing server's host it also has its log
`

/** Longest wait for one answer, in milliseconds: the server may be what does not work. */
const patience = 15_000

export const addBundle = (program: Command, terminal: Terminal): Command =>
  program
    .command('bundle')
    .description(
      `write a support bundle: what this user may read of server, machines and cluster, without secrets ${beta}`
    )
    .addHelpText('before', examples)
    .option('--out <path>', 'new file, readable only by you (default: joinery-bundle-TIME.tar.gz)')
    .action(({ out }: { out?: string }, command) =>
      inSession(command, terminal, (session) => bundle(out, session), { timeout: patience })
    )

const bundle = async (out: string | undefined, { client, terminal, kubeconfig }: Session): Promise<void> => {
  const at = terminal.now()
  const folder = `joinery-bundle-${moment(at.toISOString()).replace(/[-:]/g, '')}`
  const path = out ?? `${folder}.tar.gz`
  await mustBeNew(path)
  const [{ collect }, { sourcesOf }, { beforeSending, filesText, manifestText }, { writeBundle }] = await Promise.all([
    import('../../bundle/collect.ts'),
    import('../../bundle/sources.ts'),
    import('../../bundle/manifest.ts'),
    import('../../bundle/write-bundle.ts')
  ])
  const doctor = async (): Promise<object> => {
    const { doctorReport } = await import('../../cluster/doctor.ts')
    return doctorReport(kubeconfig, terminal)
  }
  const collected = await collect(sourcesOf({ client, terminal, doctor }), () => terminal.now())
  const made = { at: moment(at.toISOString()), by: version, door: client.door }
  const { files, missing } = collected
  await writeBundle(path, folder, { manifest: manifestText(collected, made), files, at })
  terminal.out(`${path} created\n${filesText(files)}`)
  for (const { name, why } of missing) terminal.err(`not in it: ${name}: ${why}\n`)
  terminal.err(`${beforeSending}\n`)
  printNext(terminal, `tar --list --gzip --file ${shellWord(path)}`)
}
