import { resolve } from 'node:path'
import type { Bed } from '../bed/bed.ts'
import type { Process } from '../bed/inside.ts'
import { waitFor } from '../bed/wait-for.ts'
import { minutes } from '../product.ts'

const [address, port] = ['172.30.0.1', '5000']
export const registryHost = `${address}:${port}`

/** A registry of container images that serves none: `inside/registry.ts` says how. */
export interface Registry {
  /** Ends every request that still waits, and serves again. */
  restart(): Promise<void>
}

/** Shell for the first boot of a machine, so that its containerd speaks to the registry without TLS. */
export const trustRegistry = `mkdir -p /etc/containerd/certs.d/${registryHost}
echo 'server = "http://${registryHost}"' > /etc/containerd/certs.d/${registryHost}/hosts.toml
printf '%s\\n' "[plugins.'io.containerd.cri.v1.images'.registry]" "config_path = '/etc/containerd/certs.d'" >> /etc/containerd/config.toml
`

export const startRegistry = async (bed: Bed): Promise<Registry> => {
  const program = resolve(import.meta.dirname, '../inside/registry.ts')
  const start = async (): Promise<Process> => {
    const started = await bed.spawn('registry', [process.execPath, program, address, port])
    const look = () => bed.exec(['curl', '--silent', '--fail', `http://${registryHost}/v2/`])
    await waitFor('the registry to serve', look, ({ code }) => code === 0, minutes)
    return started
  }
  let registry = await start()
  return {
    restart: async () => {
      registry.kill('SIGKILL')
      registry = await start()
    }
  }
}
