import { timeServices } from '../../../../src/host/time-services.ts'
import { kubeletService } from '../../../../src/machine/preflight/runtime/kubelet-service.ts'
import { timeService } from '../../../../src/machine/preflight/system/time-service.ts'
import { table } from '../../../support/check-table.ts'
import type { Table } from '../../../support/table-host.ts'

const kubelet = (load: string, file: string): Table => ({
  commands: {
    'systemctl show kubelet.service --property=LoadState,UnitFileState': `LoadState=${load}\nUnitFileState=${file}\n`
  }
})
table(kubeletService(), [
  {
    name: 'no systemd: the same cause as of the time service',
    machine: {},
    verdict: 'fail',
    finding: /^systemd does not answer$/,
    remedy: /^systemctl is-system-running$/,
    byHand: true
  },
  { name: 'enabled', machine: kubelet('loaded', 'enabled'), verdict: 'pass', finding: /is enabled/ },
  {
    name: 'disabled',
    machine: kubelet('loaded', 'disabled'),
    verdict: 'fail',
    finding: /is disabled: it would not start/,
    remedy: /^systemctl enable kubelet\.service$/
  },
  {
    name: 'masked',
    machine: kubelet('masked', 'masked'),
    verdict: 'fail',
    finding: /masked/,
    remedy: /^systemctl unmask kubelet\.service\nsystemctl enable kubelet\.service$/,
    byHand: true
  },
  {
    name: 'no such unit',
    machine: kubelet('not-found', ''),
    verdict: 'fail',
    finding: /no kubelet service/,
    remedy: /install -y kubelet/,
    byHand: true
  }
])

type Units = Record<string, [load: string, file: string, active: string]>

/** As systemctl prints several units; those that are not named are not there. */
const services = (units: Units, synchronised?: string): Record<string, string> => ({
  [`systemctl show ${timeServices.join(' ')} --property=Id,LoadState,UnitFileState,ActiveState`]: timeServices
    .map((unit) => {
      const [load, file, active] = units[unit] ?? ['not-found', '', 'inactive']
      return `Id=${unit}\nLoadState=${load}\nUnitFileState=${file}\nActiveState=${active}\n`
    })
    .join('\n'),
  ...(synchronised !== undefined && {
    'timedatectl show --property=NTPSynchronized --value': `${synchronised}\n`
  })
})

const timesyncd = 'systemd-timesyncd.service'
table(timeService, [
  {
    name: 'timesyncd, synchronised',
    machine: {
      files: { '/run/systemd/timesync/synchronized': '' },
      commands: services({ [timesyncd]: ['loaded', 'enabled', 'active'] })
    },
    verdict: 'pass',
    finding: /^systemd-timesyncd\.service keeps the clock right$/
  },
  {
    name: 'chrony, synchronised, and timesyncd beside it that is off',
    machine: {
      commands: services(
        { 'chrony.service': ['loaded', 'enabled', 'active'], [timesyncd]: ['loaded', 'disabled', 'inactive'] },
        'yes'
      )
    },
    verdict: 'pass',
    finding: /^chrony\.service keeps/
  },
  {
    name: 'running without an answer',
    machine: { commands: services({ [timesyncd]: ['loaded', 'enabled', 'active'] }, 'no') },
    verdict: 'warn',
    finding: /runs, and has not synchronised the clock$/,
    remedy: /^timedatectl status\njournalctl -u systemd-timesyncd\.service$/,
    byHand: true
  },
  {
    name: 'running, and nobody can tell',
    machine: { commands: services({ [timesyncd]: ['loaded', 'enabled', 'active'] }) },
    verdict: 'warn',
    finding: /has not synchronised/,
    remedy: /timedatectl/,
    byHand: true
  },
  {
    name: 'running until the next boot',
    machine: { commands: services({ [timesyncd]: ['loaded', 'disabled', 'active'] }, 'yes') },
    verdict: 'warn',
    finding: /would not start with the machine$/,
    remedy: /^systemctl enable systemd-timesyncd\.service$/
  },
  {
    name: 'installed and off',
    machine: { commands: services({ 'chrony.service': ['loaded', 'disabled', 'inactive'] }) },
    verdict: 'warn',
    finding: /^chrony\.service is installed and does not run/,
    remedy: /^systemctl enable --now chrony\.service$/
  },
  {
    name: 'masked, as somebody wanted it',
    machine: { commands: services({ [timesyncd]: ['masked', 'masked', 'inactive'] }) },
    verdict: 'warn',
    finding: /is masked/,
    remedy: /^systemctl unmask systemd-timesyncd\.service\n/,
    byHand: true
  },
  {
    name: 'none',
    machine: { commands: services({}) },
    verdict: 'warn',
    finding: /^no time service is installed$/,
    remedy: /^apt-get install -y systemd-timesyncd$/,
    byHand: true
  },
  {
    name: 'no systemd',
    machine: {},
    verdict: 'warn',
    finding: /^systemd does not answer$/,
    remedy: /^systemctl is-system-running$/,
    byHand: true
  },
  {
    name: 'none, on a machine with dnf',
    machine: { commands: services({}), installs: 'dnf' },
    verdict: 'warn',
    finding: /^no time service is installed$/,
    remedy: /^dnf install -y chrony$/,
    byHand: true
  }
])
