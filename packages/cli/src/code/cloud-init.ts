import { gzipSync } from 'node:zlib'
import { toJson } from '@joinery/host/text/json'
import {
  escapeText,
  furtherServers,
  type Install,
  isNamePattern,
  type PreflightPolicy,
  packagePath
} from '@joinery/protocol'
import { Document, stringify } from 'yaml'
import type { SeenNewCode } from '../operator-client.ts'
import { asciiText } from '../output/yaml.ts'
import { moment } from '../terminal/times.ts'
import { type KubernetesPackages, kubernetesSettings } from './install-kubernetes.ts'
import { installKubernetesScript } from './install-kubernetes-script.ts'
import { installScript, installScriptOfSeveral } from './install-script.ts'
import { agentUnit, kubernetesUnit, powerCutGuard } from './install-unit.ts'

export type InstallableCode = SeenNewCode & { install: { package: NonNullable<Install['package']> } }

/** Only a server that has an agent package can be named in user-data. */
export const hasPackage = (newCode: SeenNewCode): newCode is InstallableCode => newCode.install.package !== undefined

export interface UserDataOptions {
  /** Packages to install beside the agent. */
  kubernetes?: KubernetesPackages
  /** The code comes to the machine as the systemd credential `joinery.code`, and is not in the user-data. */
  credential?: boolean
  /** True if the machine is cut off from the metadata service of its cloud. */
  blockMetadata?: boolean
  /**
   * True if files go gzipped where that makes them shorter. The one of the code stays as it is: the agent wipes the code from cloud-init's
   * copies of the user-data, and would not find it in what is packed.
   */
  gzip?: boolean
}

/** Bytes that Amazon EC2 takes as user-data, before it is base64: the least of any large cloud (EC2 User Guide, "instance user data"). */
export const userDataAtMost = 16 * 1024

/**
 * Complete user-data, for as many machines as the code allows. Every value is data to YAML, JSON and Python: none can
 * become code. The text is only ASCII: otherwise cloud-init keeps a copy in base64, in which the agent would not find
 * the code to wipe it.
 */
export const cloudInit = (newCode: InstallableCode, options: UserDataOptions = {}): string => {
  const { kubernetes, credential, blockMetadata, gzip } = options
  const file = gzip ? packed : plain
  const { code, install, policy } = newCode
  const name = exactName(newCode)
  const { server, pin, nextPin, apiEndpoint, certificateAuthority } = install
  const servers = furtherServers(install)
  const several = servers.length > 0
  const [url, ...more] = [server, ...servers].map((one) => new URL(packagePath(install.package.sha256), one).href)
  const units = [agentUnit, ...(kubernetes ? [kubernetesUnit] : [])]
  const content = {
    write_files: [
      file(
        '/etc/joinery/agent.yaml',
        '0644',
        stringify({
          server,
          ...(several && { servers }),
          pin,
          ...(nextPin && { nextPin }),
          apiEndpoint,
          ...(name && { name }),
          ...policyKeys(policy)
        })
      ),
      ...(credential ? [] : [plain('/etc/joinery/code', '0600', `${code}\n`)]),
      file(
        '/etc/joinery/install.json',
        '0644',
        toJson({ url, ...(several && { more }), ...install.package, certificateAuthority })
      ),
      file('/usr/local/sbin/joinery-install', '0755', several ? installScriptOfSeveral : installScript),
      ...(kubernetes
        ? [
            file('/etc/joinery/install-kubernetes.json', '0644', toJson(kubernetesSettings(kubernetes))),
            file('/usr/local/sbin/joinery-install-kubernetes', '0755', installKubernetesScript)
          ]
        : []),
      // last, so that everything a unit needs is already there
      ...units.map((unit) => file(`/etc/systemd/system/${unit.name}`, '0644', unit.text))
    ],
    runcmd: [['systemctl', 'start', '--no-block', ...units.map((unit) => unit.name)]],
    bootcmd: [...(blockMetadata ? [blockIpv6Metadata] : []), powerCutGuard(units)],
    ...(blockMetadata && { disable_ec2_metadata: true })
  }
  // cloud-init reads YAML 1.1, which takes more plain words for something else than a string than YAML 1.2 does
  const document = new Document(content, { version: '1.1' })
  document.commentBefore = explanation(newCode, options)
  return `#cloud-config\n${asciiText(document)}`
}

/** The node name, if the code gives an exact one. For a pattern the server chooses the name later. */
export const exactName = ({ name }: Pick<SeenNewCode, 'name'>): string | undefined =>
  name === undefined || isNamePattern(name) ? undefined : name

/**
 * Configuration keys for the code's policy, so that the machine knows the policy before it has enrolled. Until an
 * operator looks, the agent mends exactly what the policy allows. A code without a level means `safe`.
 */
const policyKeys = (policy: PreflightPolicy | undefined): object => ({
  remediate: policy?.remediate ?? 'safe',
  ...(policy && policy.ignore.length > 0 && { ignorePreflight: policy.ignore })
})

const plain = (path: string, permissions: string, content: string) => ({ path, permissions, content })

/** The file as cloud-init unpacks it (module write_files). A short file is longer packed. */
const packed = (path: string, permissions: string, content: string) => {
  const short = gzipSync(content, { level: 9 }).toString('base64')
  return short.length < content.length
    ? { path, permissions, encoding: 'gz+b64', content: short }
    : plain(path, permissions, content)
}

/**
 * Shell line that cuts off Amazon's IPv6 metadata service. It runs at every boot, as `disable_ec2_metadata` does for
 * 169.254.169.254. A machine without IPv6 has nothing to cut off.
 */
const blockIpv6Metadata = 'ip -6 route replace prohibit fd00:ec2::254 || true\n'

const explanation = ({ expires, uses }: SeenNewCode, { kubernetes, credential }: UserDataOptions): string => {
  const until = escapeText(moment(expires))
  const secret = credential
    ? `The code that belongs to it is the systemd credential joinery.code, to be used until ${until}.`
    : `It holds a secret that lets ${uses === 1 ? 'one machine' : `${uses} machines`} in, until ${until}.`
  const needs = kubernetes
    ? "The machine needs apt, python3, and beside the control plane's network the repositories of the packages."
    : "The machine needs no other network than the control plane's, and of Debian nothing but python3 and dpkg."
  return ` Made by: joinery cloud-init. ${secret}\n ${needs}`
}
