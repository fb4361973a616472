import { memoryFiles } from '@joinery/fake-machine'
import t from 'tap'
import type { MenderParts } from '../../../src/machine/mend/mender.ts'
import { mendKubeletService, mendTimeService } from '../../../src/machine/mend/services.ts'
import { recorder } from '../../support/recorder.ts'

/** systemd that shows this; what is done to it, and what is told. */
const systemd = (shown: string) => {
  const { commands, exec } = recorder((command) => (command.includes(' show ') ? shown : ''))
  const told: string[] = []
  const parts: MenderParts = {
    files: memoryFiles(),
    exec,
    earlier: [],
    cannot: (what) => void told.push(what),
    change: async ({ verb, object, before }, act) => {
      told.push(`${verb} ${object}, which was ${before}`)
      await act()
      return true
    }
  }
  return { parts, told, done: () => commands.filter((command) => !command.includes(' show ')) }
}

const unit = (Id: string, LoadState: string, UnitFileState = '', ActiveState = 'inactive'): string =>
  `Id=${Id}\nLoadState=${LoadState}\nUnitFileState=${UnitFileState}\nActiveState=${ActiveState}\n`

const times: [string, string[], string[], RegExp | undefined][] = [
  ['none is installed', [unit('chrony.service', 'not-found')], [], /none is installed/],
  ['the only one is masked', [unit('chrony.service', 'masked')], [], /none is installed that may run/],
  [
    'one is installed',
    [unit('chrony.service', 'not-found'), unit('systemd-timesyncd.service', 'loaded', 'disabled')],
    ['systemctl enable --now systemd-timesyncd.service'],
    /disabled, inactive/
  ],
  [
    'one runs and another is installed',
    [unit('chrony.service', 'loaded', 'disabled'), unit('systemd-timesyncd.service', 'loaded', 'disabled', 'active')],
    ['systemctl enable --now systemd-timesyncd.service'],
    /disabled, active/
  ],
  ['one runs, and starts at boot', [unit('chrony.service', 'loaded', 'enabled', 'active')], [], undefined]
]
for (const [name, units, done, says] of times) {
  t.test(`a time service ${done.length > 0 ? 'is' : 'is not'} enabled if ${name}`, async (t) => {
    const played = systemd(units.join('\n'))
    await mendTimeService(played.parts)
    t.same(played.done(), done)
    t.match(played.told, says === undefined ? { length: 0 } : [says])
  })
}

const kubelets: [string, string, string[], RegExp | undefined][] = [
  ['disabled', 'LoadState=loaded\nUnitFileState=disabled\n', ['systemctl enable kubelet.service'], /was disabled/],
  ['enabled', 'LoadState=loaded\nUnitFileState=enabled\n', [], undefined],
  ['masked', 'LoadState=masked\nUnitFileState=masked\n', [], /it is masked/],
  ['not there', 'LoadState=not-found\nUnitFileState=\n', [], /it is not-found/]
]
for (const [name, shown, done, says] of kubelets) {
  t.test(`the kubelet’s service ${done.length > 0 ? 'is' : 'is not'} enabled if it is ${name}`, async (t) => {
    const played = systemd(shown)
    await mendKubeletService(played.parts)
    t.same(played.done(), done)
    t.match(played.told, says === undefined ? { length: 0 } : [says])
  })
}
