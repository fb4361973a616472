import type { Host } from '../../../host/host.ts'
import { paths } from '../../../host/paths.ts'

/** The parts of containerd's configuration that preflight checks use. Files that it imports are not looked at. */
export interface ContainerdConfig {
  /** Version of the file's format. 1 if the file does not say. */
  version: number
  /** Folder of its images and containers. */
  root: string
  criDisabled: boolean
  /** True if it is on in all runtimes whose options name it. Undefined if no runtime's options name it. */
  systemdCgroup: boolean | undefined
  /** Image of the pause container, by the key that stands in the file. */
  sandbox: { key: 'sandbox_image' | 'sandbox'; image: string } | undefined
}

/** Reads containerd's configuration. Without a file the result has containerd's own defaults. */
export const containerdConfig = async (host: Pick<Host, 'read'>): Promise<ContainerdConfig> =>
  parse((await host.read(paths.containerdConfig)) ?? '')

/**
 * Reads the text by lines and not as TOML: the agent that waits need not hold a reader of TOML, and a file that is
 * broken still says something. The mender reads it whole.
 */
const parse = (text: string): ContainerdConfig => {
  const plain = text.replace(/^\s*#.*$/gm, '')
  const [, key, image = ''] = /^\s*(sandbox_image|sandbox)\s*=\s*["']([^"']*)["']/m.exec(plain) ?? []
  const systemd = [...plain.matchAll(/^\s*SystemdCgroup\s*=\s*(true|false)/gm)].map(([, value]) => value)
  return {
    version: Number(/^\s*version\s*=\s*(\d+)/m.exec(plain)?.[1] ?? 1),
    root: /^root\s*=\s*["']([^"']+)["']/m.exec(plain)?.[1] ?? '/var/lib/containerd',
    criDisabled: /^\s*disabled_plugins\s*=\s*\[[^\]]*["'](io\.containerd\.grpc\.v1\.)?cri["']/m.test(plain),
    systemdCgroup: systemd.length === 0 ? undefined : systemd.every((value) => value === 'true'),
    sandbox: key === undefined ? undefined : { key: key as 'sandbox_image' | 'sandbox', image }
  }
}
