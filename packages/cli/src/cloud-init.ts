import { escapeText, type Install, type NewCode, type PreflightPolicy, packagePath } from '@joinery/protocol'
import { Document, stringify } from 'yaml'
import { installScript } from './install-script.ts'
import { installUnit, powerCutGuard, unitName } from './install-unit.ts'
import { toJson } from './output/json.ts'
import { moment } from './times.ts'

type InstallableCode = NewCode & { install: { package: NonNullable<Install['package']> } }

/** Only a server that has an agent package can be named in user-data. */
export const hasPackage = (newCode: NewCode): newCode is InstallableCode => newCode.install.package !== undefined

const explanation = ({ expires }: NewCode): string =>
  ` Made by: joinery code create --cloud-init. It holds a secret that lets one machine in, until ${escapeText(moment(expires))}.
 The machine needs no other network than the control plane's, and of Debian nothing but python3 and dpkg.`

/** Complete user-data for one machine. Every value is data to YAML, JSON and Python: none can become code. */
export const cloudInit = (newCode: InstallableCode): string => {
  const { code, name, install, policy } = newCode
  const { server, pin, apiEndpoint, certificateAuthority } = install
  const url = new URL(packagePath(install.package.sha256), server).href
  const content = {
    write_files: [
      file(
        '/etc/joinery/agent.yaml',
        '0644',
        stringify({ server, pin, apiEndpoint, ...(name && { name }), ...policyKeys(policy) })
      ),
      file('/etc/joinery/code', '0600', `${code}\n`),
      file('/etc/joinery/install.json', '0644', toJson({ url, ...install.package, certificateAuthority })),
      file('/usr/local/sbin/joinery-install', '0755', installScript),
      file(`/etc/systemd/system/${unitName}`, '0644', installUnit)
    ],
    runcmd: [['systemctl', 'start', '--no-block', unitName]],
    bootcmd: [powerCutGuard]
  }
  // cloud-init reads YAML 1.1, where more words than in 1.2 are no strings
  const document = new Document(content, { version: '1.1' })
  document.commentBefore = explanation(newCode)
  return `#cloud-config\n${document.toString({ lineWidth: 0 })}`
}

/** The machine knows its code's policy before it has enrolled: what must not be mended is not mended before that either. */
const policyKeys = (policy: PreflightPolicy | undefined): object => ({
  ...(policy?.remediate && { remediate: policy.remediate }),
  ...(policy && policy.ignore.length > 0 && { ignorePreflight: policy.ignore })
})

const file = (path: string, permissions: string, content: string) => ({ path, permissions, content })
