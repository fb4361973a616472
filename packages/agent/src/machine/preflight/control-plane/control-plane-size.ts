import { paths } from '../../../host/paths.ts'
import { fail, type PreflightCheck, pass } from '../check/check.ts'

/** kubeadm's own limits for a control plane (NumCPU, Mem). */
const leastProcessors = 2
const leastMemory = 1700

export const controlPlaneSize: PreflightCheck = {
  name: 'control-plane-size',
  why: 'kubeadm refuses to make a control plane of a machine that is too small for an API server and etcd',
  async run(host) {
    const [online = '', memory = ''] = await Promise.all([host.read(paths.processors), host.read(paths.memory)])
    const processors = countOf(online)
    const mebi = Math.floor(Number(/^MemTotal:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0) / 1024)
    const lacks = [
      ...(processors < leastProcessors ? [`${processors} processor, and needs ${leastProcessors}`] : []),
      ...(mebi < leastMemory ? [`${mebi} MB of memory, and needs ${leastMemory}`] : [])
    ]
    if (lacks.length === 0) return pass(`${processors} processors and ${mebi} MB of memory`)
    return fail(`the machine has ${lacks.join('; it has ')}`, '# give the machine more, and boot it')
  }
}

/** Number of processors in a list of the kernel, as `0-3,6`. */
const countOf = (list: string): number =>
  list
    .trim()
    .split(',')
    .filter((range) => range !== '')
    .map((range) => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return last - first + 1
    })
    .reduce((sum, count) => sum + count, 0)
