import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'
import { type Finding, type PreflightCheck, pass, warn } from '../check/check.ts'
import { install } from '../runtime/packages.ts'

export const securityModules: PreflightCheck = {
  name: 'security-modules',
  why: 'SELinux without a policy for containers stops them, and AppArmor without its parser leaves them unconfined',
  async run(host) {
    return (await selinux(host)) ?? (await appArmor(host)) ?? pass('nothing stands in the way of containers')
  }
}

/** Judges SELinux by a type that every policy for containers brings along. */
const selinux = async (host: Host): Promise<Finding | undefined> => {
  if ((await host.read(paths.selinuxEnforce))?.trim() !== '1') return undefined
  const type = /^SELINUXTYPE=(\S+)/m.exec((await host.read(paths.selinuxConfig)) ?? '')?.[1] ?? 'targeted'
  const contexts = (await host.read(`/etc/selinux/${type}/contexts/files/file_contexts`)) ?? ''
  if (contexts.includes(':container_var_lib_t:')) return undefined
  return warn(
    `SELinux enforces the policy ${type}, which knows no containers`,
    ...(await install(host, 'container-selinux'))
  )
}

const appArmor = async (host: Host): Promise<Finding | undefined> => {
  if ((await host.read(paths.appArmorEnabled))?.trim() !== 'Y') return undefined
  const folders = await Promise.all(['/usr/sbin', '/sbin'].map((folder) => host.list(folder)))
  if (folders.flat().includes('apparmor_parser')) return undefined
  return warn(
    'AppArmor is on and its parser is not installed: containers run unconfined',
    ...(await install(host, 'apparmor'))
  )
}
