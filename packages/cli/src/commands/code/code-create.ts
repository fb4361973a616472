import { CommandEnd } from '@joinery/host/command-end'
import type { CodeRequest } from '@joinery/protocol'
import { type Command, Option } from 'commander'
import { cloudInit } from '../../code/cloud-init.ts'
import { addCodeOptions, type CodeOptions, codeRequest } from '../../code/code-options.ts'
import { describeNewCode, enrolCommandOf, orRevoke, withInstallableCode } from '../../code/installable-code.ts'
import type { OperatorClient } from '../../operator-client.ts'
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
  joinery code create -o json | jq .install       the rest that a machine needs
  joinery --context prod code create --template edge --name edge-7 --cloud-init > user-data      what a CodeTemplate says
`

interface Options extends CodeOptions {
  cloudInit?: true
  template?: string
}

export const addCodeCreate = (code: Command, terminal: Terminal): Command =>
  addCodeOptions(
    code
      .command('create')
      .description('invite a machine, or --uses machines: make a code, and show it only this once')
      .addHelpText('before', examples)
  )
    .addOption(new Option('--cloud-init', 'print user-data, as joinery cloud-init does').conflicts('output'))
    .option('--template <name>', 'CodeTemplate of the cluster, for everything that no other option says')
    .addOption(outputOption('json', 'yaml'))
    .action((options: Options, command: Command) =>
      inSession(command, terminal, async (session) =>
        create(await requestOf(options, command, session.client), options, session)
      )
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

const create = async (request: CodeRequest, options: Options, session: Session): Promise<void> => {
  const { client, terminal } = session
  if (options.cloudInit) {
    return withInstallableCode(session, request, async (created) => {
      await terminal.deliver(cloudInit(created))
      terminal.err(describeNewCode(created))
    })
  }
  const created = await client.createCode(request)
  await orRevoke(client, created, async () => {
    const text = documentText(session, created)
    await terminal.deliver(text ?? `${created.code}\n`)
    if (text === undefined) terminal.err(describeNewCode(created, enrolCommandOf(created)))
  })
}
