import t from 'tap'
import { debianLooking, type LookingParts } from '../../src/machine/debian-looking.ts'

t.test('what kubeadm left is read after the unit said that it ended', async (t) => {
  let ended = false
  const files = {
    read: async (path: string) => (path.endsWith('join.log') ? (ended ? 'joined\n' : 'waiting\n') : undefined),
    exists: async () => !ended
  }
  const exec = async () => {
    ended = true
    return 'ActiveState=active\nJob=\n'
  }
  const looking = debianLooking({ files, exec, runDirectory: '/run/joinery-agent' } as unknown as LookingParts)
  t.match(await looking.joinState(), { unit: 'succeeded', output: ['joined'], bootstrapConf: false })
})
