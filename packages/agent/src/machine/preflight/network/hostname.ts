import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { fail, type PreflightCheck, pass, warn } from '../check/check.ts'

/** One label of a name of RFC 1123, as Kubernetes takes it for a Node: in lower case. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
/** True for a name that a Node may have. */
export const isName = (text: string): boolean => text.length <= 253 && text.split('.').every((part) => label.test(part))

/** Host names of machines that nobody gave a name. */
const nobodys = ['', '(none)', 'localhost', 'localhost.localdomain']

/** Checks the host name. `nodeName` is the name of the Node, if that is not the host name. */
export const hostname = (nodeName: string | undefined): PreflightCheck => ({
  name: 'hostname',
  why: 'a Node keeps this name for good, certificates are made for it, and two machines with one name become one Node',
  async run(host) {
    const name = ((await host.read(paths.hostname)) ?? '').trim()
    if (nobodys.includes(name))
      return fail(`the host name is ${JSON.stringify(name)}: nobody gave the machine a name`, rename('NAME'))
    if (!isName(name)) {
      const problem = nodeName === undefined ? fail : warn
      return problem(`the host name ${JSON.stringify(name)} is not a lower-case name of RFC 1123`, rename(proper(name)))
    }
    const wanted = nodeName ?? name
    if (await resolves(host, wanted)) return pass(wanted)
    return warn(`the name ${wanted} cannot be resolved on this machine`, `echo '127.0.1.1 ${wanted}' >> ${paths.hosts}`)
  }
})

const rename = (name: string): string =>
  name === 'NAME'
    ? '# hostnamectl set-hostname NAME, where NAME is one that no other machine has'
    : `hostnamectl set-hostname ${name}`

const proper = (name: string): string => {
  const changed = name.toLowerCase().replace(/[^a-z0-9.-]/g, '-')
  return isName(changed) ? changed : 'NAME'
}

/** True if the name resolves. It looks into the file first: a machine whose DNS does not answer would wait for it. */
const resolves = async (host: Host, name: string): Promise<boolean> => {
  const hosts = ((await host.read(paths.hosts)) ?? '').replace(/#.*$/gm, '')
  if (hosts.split(/\s+/).includes(name)) return true
  return host.resolve(name).then(
    (addresses) => addresses.length > 0,
    () => false
  )
}
