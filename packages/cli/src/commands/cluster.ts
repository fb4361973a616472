import { type CredentialKind, credentialKinds } from '@joinery/protocol'
import { type Command, Option } from 'commander'
import { outputOf, outputOption, readOutput } from '../session/output-option.ts'
import { paged, terminalFor } from '../session/screen-options.ts'
import { type ClusterOptions, type Kubeconfig, kubeconfigOf } from '../terminal/kubeconfig.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery cluster doctor
  joinery cluster harden
  joinery cluster manifests | kubectl apply --server-side --filename -
`
const doctorExamples = `Examples:
  joinery cluster doctor                                   all checks, with remedies; changes nothing
  joinery cluster doctor --kubeconfig admin.conf
  joinery cluster doctor -o json | jq -r '.checks[] | select(.verdict == "fail") | .remedy[]'
`
const hardenExamples = `Examples:
  joinery cluster harden                  shows each change and the things that it breaks, and asks
  joinery cluster harden --yes            without a question
`
const manifestsExamples = `Examples:
  joinery cluster manifests > joinery.yaml                 the objects that joinery-server setup makes
  joinery cluster manifests --credential certificate       for a server with credential: certificate
  joinery cluster manifests --serving-certificates         for a server with servingCertificates: approve
  joinery cluster manifests --diagnosis                    for a server with diagnosis: on
  joinery cluster manifests --store cluster                for a server with store: cluster
  joinery cluster manifests --no-kube-proxy                for a cluster without kubeadm's kube-proxy
`

/** Adds the commands that ask the cluster with an administrator's kubeconfig. They need no pairing server. */
export const addCluster = (program: Command, terminal: Terminal): void => {
  const cluster = program
    .command('cluster')
    .description('check the cluster that machines join, and harden it')
    .addHelpText('before', examples)
  addDoctor(cluster, terminal)
  addHarden(cluster, terminal)
  addManifests(cluster, terminal)
}

interface Options extends ClusterOptions {
  output: string
  headers: boolean
  yes?: true
}

const addDoctor = (cluster: Command, terminal: Terminal): Command =>
  cluster
    .command('doctor')
    .description('check whether anybody could become a node without approval; exits with 7 if a check fails')
    .addHelpText('before', doctorExamples)
    .addOption(outputOption('json', 'yaml'))
    .action(async (_options, command: Command) => {
      const { output, headers } = command.optsWithGlobals<Options>()
      const printing = await readOutput(outputOf(output))
      const { doctorHere } = await import('../cluster/doctor.ts')
      await paged(terminalFor(command, terminal), (collected) =>
        doctorHere(kubeconfigFor(command, terminal), { ...printing, headers, terminal: collected }, terminal)
      )
    })

const addHarden = (cluster: Command, terminal: Terminal): Command =>
  cluster
    .command('harden')
    .description("fix the doctor's findings that can be fixed over the API, after a question")
    .addHelpText('before', hardenExamples)
    .option('--yes', 'do not ask')
    .action(async (_options, command: Command) => {
      const { yes } = command.opts<Options>()
      const { hardenHere } = await import('../cluster/harden-here.ts')
      await hardenHere(kubeconfigFor(command, terminal), yes === true, terminalFor(command, terminal))
    })

const addManifests = (cluster: Command, terminal: Terminal): Command =>
  cluster
    .command('manifests')
    .description('print all RBAC and admission policies of Joinery, for GitOps; needs no cluster')
    .addHelpText('before', manifestsExamples)
    .addOption(
      new Option('--credential <kind>', "credential kind from the server's configuration")
        .choices(credentialKinds)
        .default('token')
    )
    .option('--serving-certificates', 'add the right to approve serving certificates; for a server that approves them')
    .option('--diagnosis', 'add the rights to say why a Node is not Ready; for a server that has diagnosis: on')
    .addOption(
      new Option(
        '--store <store>',
        "store from the server's configuration; cluster adds the kinds of its log, and the rights to them"
      )
        .choices(['file', 'cluster'])
        .default('file')
    )
    .option('--no-kube-proxy', "leave out the right to read kube-proxy's configuration")
    .action(
      async (parts: {
        credential: CredentialKind
        kubeProxy: boolean
        servingCertificates?: true
        diagnosis?: true
        store: 'file' | 'cluster'
      }) => {
        const { manifestStream } = await import('@joinery/kube/manifests')
        const { credential, kubeProxy, servingCertificates: serving = false, diagnosis = false, store } = parts
        terminal.out(manifestStream({ credential, kubeProxy, serving, diagnosis, log: store === 'cluster' }))
      }
    )

const kubeconfigFor = (command: Command, terminal: Terminal): Kubeconfig =>
  kubeconfigOf(command.optsWithGlobals<Options>(), terminal.kubeconfig)
