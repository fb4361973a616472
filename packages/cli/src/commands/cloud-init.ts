import { readFile, rm, writeFile } from 'node:fs/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { given } from '@joinery/protocol/given'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { isMap, parseDocument } from 'yaml'
import { cloudInit, exactName, type InstallableCode, userDataAtMost } from '../code/cloud-init.ts'
import { addCodeOptions, type CodeOptions, codeRequest } from '../code/code-options.ts'
import { type KubernetesPackages, type KubernetesVersion, parseKubernetesVersion } from '../code/install-kubernetes.ts'
import { describeNewCode, withInstallableCode } from '../code/installable-code.ts'
import { findIsoProgram, makeSeedIso } from '../code/seed-iso.ts'
import { inSession, type Session } from '../session/session.ts'
import { exitCodes } from '../terminal/errors.ts'
import { makeNewFile, mustBeNew } from '../terminal/new-file.ts'
import type { Terminal } from '../terminal/terminal.ts'

const examples = `Examples:
  joinery cloud-init --name node-1 > user-data
  joinery cloud-init --name node-1 --install-kubernetes 1.37 > user-data
  joinery cloud-init --name node-1 -o iso seed.iso              a disk for the boot of a virtual or bare machine
  joinery cloud-init --name node-1 --systemd-credential code > user-data
  joinery cloud-init --name cp-2 --role control-plane > user-data
  joinery cloud-init --uses 10 --name 'worker-{n}' > user-data  the same for ten machines
  joinery cloud-init --name node-1 --gzip > user-data           shorter, for a cloud that takes little
`

interface Options extends CodeOptions {
  output: 'user-data' | 'iso'
  networkConfig?: string
  systemdCredential?: string
  blockMetadata?: true
  gzip?: true
  installKubernetes?: KubernetesVersion
  kubernetesRepository?: string
  kubernetesKey?: string
  containerdPackage: string
  aptSources?: string
}

export const addCloudInit = (program: Command, terminal: Terminal): Command =>
  addCodeOptions(
    program
      .command('cloud-init')
      .description(
        'invite a machine, or --uses machines: make a code, and print user-data with which they enrol by themselves'
      )
      .addHelpText('before', examples)
      .argument('[path]', 'new file for the result, readable only by you (default: print the user-data)')
  )
    .addOption(
      new Option('-o, --output <format>', 'format: user-data, or an ISO image with it for NoCloud')
        .choices(['user-data', 'iso'])
        .default('user-data')
    )
    .option('--network-config <path>', "file with the machine's network-config, for the ISO image")
    .option(
      '--systemd-credential <path>',
      'new file for the code; the machine gets it as the systemd credential joinery.code'
    )
    .option('--block-metadata', 'cut the machine and its Pods off the metadata service of the cloud')
    .option('--gzip', 'write its files gzipped, for a cloud that takes little user-data; the code stays as it is')
    .addOption(
      new Option(
        '--install-kubernetes <version>',
        'install containerd, kubelet, kubeadm and kubectl of a version such as 1.37 or 1.37.2'
      )
        // commander takes the parser's result as the option's value
        .argParser(parseKubernetesVersion)
    )
    .addOption(
      new Option('--kubernetes-repository <url>', "URL of the packages' folder, instead of the community's").argParser(
        repositoryUrl
      )
    )
    .option(
      '--kubernetes-key <path>',
      "file with the repository's Release.key, instead of the one that the machine fetches"
    )
    .addOption(
      new Option('--containerd-package <name>', "name of containerd's package")
        .default('containerd')
        .argParser(packageName)
    )
    .option('--apt-sources <path>', "file with another source of packages for the machine's apt, as deb822 text")
    .action((path: string | undefined, options: Options, command: Command) => {
      checkTogether(path, options, command)
      return inSession(command, terminal, (session) => make(path, options, session))
    })

const repositoryUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('give an https URL.')
  return url.href.replace(/\/+$/, '')
}

const packageName = (text: string): string => {
  if (/^[a-z0-9][a-z0-9+.-]+(=[\w.:~+*-]+)?$/.test(text)) return text
  throw new InvalidArgumentError('give the name of a package, or name=version.')
}

/** Throws if options contradict each other, before anything is done. */
const checkTogether = (path: string | undefined, options: Options, command: Command): void => {
  const wrong = (text: string): never => command.error(`error: ${text}`, { exitCode: exitCodes.usage })
  const { output, networkConfig, installKubernetes, kubernetesRepository, kubernetesKey, aptSources } = options
  if (output === 'iso' && path === undefined) wrong('-o iso needs the name of a file')
  if (output !== 'iso' && networkConfig !== undefined) wrong('--network-config goes with -o iso')
  const isDefault = command.getOptionValueSource('containerdPackage') === 'default'
  const ofKubernetes = [kubernetesRepository, kubernetesKey, aptSources].some((value) => value !== undefined)
  if (installKubernetes === undefined && (ofKubernetes || !isDefault)) {
    wrong(
      '--kubernetes-repository, --kubernetes-key, --containerd-package and --apt-sources go with --install-kubernetes'
    )
  }
  if (kubernetesRepository?.startsWith('http:') && kubernetesKey === undefined) {
    wrong('a repository without https needs --kubernetes-key')
  }
}

/** All that can fail without a code fails before there is one. */
const make = async (path: string | undefined, options: Options, session: Session): Promise<void> => {
  const { systemdCredential: credential, output, blockMetadata, gzip } = options
  const { terminal } = session
  const kubernetes = await readKubernetes(options)
  const networkConfig = await readNetworkConfig(options.networkConfig)
  for (const file of [path, credential]) if (file !== undefined) await mustBeNew(file)
  const program = output === 'iso' ? await findIsoProgram(terminal.exec) : []

  const deliver = async (newCode: InstallableCode, made: string[]): Promise<void> => {
    const userData = cloudInit(newCode, {
      ...given({ kubernetes }),
      credential: credential !== undefined,
      blockMetadata: blockMetadata ?? false,
      gzip: gzip ?? false
    })
    const makeFile = async (file: string, fill: (draft: string) => Promise<void>) => {
      await makeNewFile(file, fill)
      made.push(file)
    }
    const holding = (text: string) => (draft: string) => writeFile(draft, text, { mode: 0o600 })
    if (credential !== undefined) await makeFile(credential, holding(newCode.code))
    if (path === undefined) await terminal.deliver(userData)
    else if (output === 'user-data') await makeFile(path, holding(userData))
    else {
      const seed = { userData, instanceId: `joinery-${newCode.id}`, hostname: exactName(newCode), networkConfig }
      await makeFile(path, (draft) => makeSeedIso(terminal.exec, program, draft, seed))
    }
    terminal.err(describeNewCode(newCode, terminal))
    // a disk has no limit
    if (output === 'user-data') terminal.err(sizeWarning(userData, gzip ?? false))
  }
  await withInstallableCode(session, codeRequest(options), async (newCode) => {
    const made: string[] = []
    try {
      await deliver(newCode, made)
    } catch (error) {
      // a file with a revoked code is good for nothing, and in the way of another one
      for (const file of made) await rm(file)
      throw error
    }
  })
}

/** A warning with the size, if there is a large cloud that refuses it. */
const sizeWarning = (userData: string, isPacked: boolean): string => {
  const size = Buffer.byteLength(userData)
  if (size <= userDataAtMost) return ''
  const remedy = isPacked ? '' : '; --gzip makes it shorter'
  return `The user-data has ${size} bytes, and Amazon EC2 takes ${userDataAtMost}${remedy}.\n`
}

const readKubernetes = async (options: Options): Promise<KubernetesPackages | undefined> => {
  const { installKubernetes: version, kubernetesRepository: repository, containerdPackage } = options
  if (version === undefined) return undefined
  const key = await readGiven(options.kubernetesKey)
  if (key !== undefined && !key.startsWith('-----BEGIN PGP PUBLIC KEY BLOCK-----')) {
    throw new CommandEnd(exitCodes.usage, `${options.kubernetesKey} is no armoured OpenPGP public key`)
  }
  const aptSources = await readGiven(options.aptSources)
  return {
    version,
    containerdPackage,
    ...given({ repository, key, aptSources })
  }
}

/** Throws if the network configuration is wrong: a machine without the intended network cannot say so. */
const readNetworkConfig = async (path: string | undefined): Promise<string | undefined> => {
  const text = await readGiven(path)
  if (text === undefined) return undefined
  const { contents, errors } = parseDocument(text, { version: '1.1' })
  if (errors.length > 0 || !isMap(contents)) {
    throw new CommandEnd(exitCodes.usage, `${path} is no network-config: ${errors[0]?.message ?? 'it is no mapping'}`)
  }
  return text
}

const readGiven = async (path: string | undefined): Promise<string | undefined> => {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandEnd(exitCodes.usage, `cannot read ${path}: ${(error as Error).message}`)
  }
}
