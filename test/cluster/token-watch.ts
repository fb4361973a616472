import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bed } from './bed/bed.ts'
import type { Process } from './bed/inside.ts'

export interface SeenToken {
  id: string
  secret: string
}

/** Records every bootstrap token of Joinery's that ever exists: what a look now and then could miss. */
export interface TokenWatch {
  made(): Promise<SeenToken[]>
  left(): Promise<string[]>
  end(): void
}

const isOurs = (groups: string): boolean => groups.startsWith('system:bootstrappers:joinery:')
const decoded = (field: string) => `{.object.data.${field}}`

export const watchTokens = async (bed: Bed): Promise<TokenWatch> => {
  const name = 'token-watch'
  const columns = [decoded('token-id'), decoded('token-secret'), decoded('auth-extra-groups')].join(' ')
  const argv = ['kubectl', '-n', 'kube-system', 'get', 'secrets', '--watch', '--output-watch-events', '-o']
  const watch: Process = await bed.spawn(name, [...argv, `jsonpath={.type} ${columns}{"\\n"}`])
  return {
    made: async () => {
      const lines = (await readFile(join(bed.logs, `${name}.log`), 'utf8')).split('\n')
      return lines.flatMap((line) => {
        const [event, id = '', secret = '', groups = ''] = line.split(' ')
        const text = (value: string) => Buffer.from(value, 'base64').toString()
        return event === 'ADDED' && isOurs(text(groups)) ? [{ id: text(id), secret: text(secret) }] : []
      })
    },
    left: async () => {
      const all = await bed.kubectl('-n', 'kube-system', 'get', 'secrets', '-o', 'json')
      const items: { data?: Record<string, string> }[] = JSON.parse(all).items
      const ours = items.filter(({ data }) =>
        isOurs(Buffer.from(data?.['auth-extra-groups'] ?? '', 'base64').toString())
      )
      return ours.map(({ data }) => Buffer.from(data?.['token-id'] ?? '', 'base64').toString())
    },
    end: () => watch.kill()
  }
}
