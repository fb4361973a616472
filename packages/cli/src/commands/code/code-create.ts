import { CommandEnd } from '@joinery/host/command-end'
import type { CodeRequest } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import { type Command, Option } from 'commander'
import { cloudInit } from '../../code/cloud-init.ts'
import { addCodeOptions, type CodeOptions, codeRequest } from '../../code/code-options.ts'
import { describeNewCode, enrolCommandOf, orRevoke, withInstallableCode } from '../../code/installable-code.ts'
import { requireConsent } from '../../consent/consent.ts'
import type { OperatorClient } from '../../operator-client.ts'
import { describeRequest } from '../../output/describe-code.ts'
import { documentText } from '../../output/document.ts'
import { inSession, outputOption, type Session } from '../../session/session.ts'
import { exitCodes } from '../../terminal/errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'

const examples = `Examples:
  joinery code create --name node-1 --cloud-init > user-data
  joinery code create --ttl 1h30m                 the machine asks for a name itself
  joinery code create --uses 10 --name 'worker-{n}' --from 192.0.2.0/24 --cloud-init > user-data
  joinery code create --name edge-1 --node-role edge --label rack=r7 --taint dedicated=edge:NoSchedule
  joinery code create --name node-1 --ready-when daemonset:kube-system/cilium      no Pods before cilium is ready there
  joinery code create --name cp-2 --role control-plane --cloud-init > user-data
  joinery code create --remediate off --ignore-preflight mtu,proxy
  joinery code create --name node-1 --credential certificate      no bootstrap token: a certificate for the machine's key
  joinery --context prod code create --name rack7-1 --proof       rules of the approval policy may rest on it
  joinery code create -o json | jq .install       the rest that a machine needs
  joinery --context prod code create --template edge --name edge-7 --cloud-init > user-data      what a CodeTemplate says
`

interface Options extends CodeOptions {
  cloudInit?: true
  template?: string
  yes?: true
}

export const addCodeCreate = (code: Command, terminal: Terminal): Command =>
  addCodeOptions(
    code
      .command('create')
      .description('invite a machine, or --uses machines: make a code, and show it only this once')
      .addHelpText('before', examples)
  )
    .addOption(new Option('--cloud-init', 'print user-data, as joinery cloud-init does').conflicts('output'))
    .option(
      '--template <name>',
      'CodeTemplate of the cluster, for everything that no other option says; shows the whole, and asks on a terminal'
    )
    .option('--yes', 'with --template: do not ask')
    .addOption(outputOption('json', 'yaml'))
    .action((options: Options, command: Command) =>
      inSession(command, terminal, async (session) => {
        const request = await requestOf(options, command, session.client)
        if (options.template !== undefined) await agreeOn(request, options, session.terminal)
        await create(request, options, session)
      })
    )

/** The request for a code. Options that were typed win over a template, each one as a whole. */
const requestOf = async (options: Options, command: Command, client: OperatorClient): Promise<CodeRequest> => {
  const request = codeRequest(options)
  if (options.template === undefined) return request
  if (client.readTemplate === undefined) {
    const cause = 'a CodeTemplate is an object of the cluster, and this command goes to the socket'
    throw new CommandEnd(exitCodes.usage, cause, 'name the cluster: --context NAME, or --kubeconfig FILE')
  }
  const { role, uses } = options
  const isTyped = (option: string): boolean => command.getOptionValueSource(option) === 'cli'
  const { ttl, ...typed } = request
  const { ttl: usual = ttl, ...template } = await client.readTemplate(options.template)
  return {
    ...template,
    ttl: isTyped('ttl') ? ttl : usual,
    ...typed,
    // what is typed counts also if it is the default
    ...(isTyped('role') && { role }),
    ...(isTyped('uses') && { uses })
  }
}

/** Shows what is made by a template, which others write. A person agrees to it; a script has it in its log. */
const agreeOn = async (request: CodeRequest, { yes }: Options, terminal: Terminal): Promise<void> => {
  const { errColumns, ask } = terminal
  terminal.err(describeRequest(request, { colour: false, ...given({ columns: errColumns }) }))
  if (yes || ask === undefined) return
  await requireConsent('Make this code?', 'no code is made: the answer was not yes', terminal)
}

const create = async (request: CodeRequest, options: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  if (options.cloudInit) {
    return withInstallableCode(session, request, async (created) => {
      await terminal.deliver(cloudInit(created))
      terminal.err(describeNewCode(created, terminal))
    })
  }
  const created = await client.createCode(request)
  await orRevoke(client, created, async () => {
    const text = documentText(session, created)
    await terminal.deliver(text ?? `${created.code}\n`)
    if (text === undefined) terminal.err(describeNewCode(created, terminal, enrolCommandOf(created)))
  })
}
