import { machineIds } from '../../../host/machine-ids.ts'
import { type Finding, fail, type PreflightCheck, pass, warn } from '../check/check.ts'

/** UUIDs of boards whose maker never wrote one: many machines have them. */
const nobodys = [
  '03000200-0400-0500-0006-000700080009',
  '12345678-1234-5678-90ab-cddeefaabbcc',
  'fefefefe-fefe-fefe-fefe-fefefefefefe'
]

/** Checks that there is an identity at all. Only the pairing server knows if another machine has the same one. */
export const machineIdentity: PreflightCheck = {
  name: 'machine-identity',
  why: 'these two ids tell the Node from others: a copy of a disk that was not prepared has the ids of its original',
  async run(host) {
    const { machineId, productUuid } = await machineIds(host)
    return wrongMachineId(machineId) ?? wrongUuid(productUuid.toLowerCase()) ?? pass(`machine id ${machineId}`)
  }
}

const wrongMachineId = (id: string): Finding | undefined => {
  if (/^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id)) return undefined
  return fail(
    id === '' ? 'the machine has no machine id' : `the machine id ${JSON.stringify(id)} is not valid`,
    'rm -f /etc/machine-id /var/lib/dbus/machine-id',
    'systemd-machine-id-setup',
    '# then reboot'
  )
}

/** Warns of a UUID that is nobody's own. Without DMI there is none, and the kubelet takes the machine id for it. */
const wrongUuid = (uuid: string): Finding | undefined => {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)
  const isOneDigit = /^([0-9a-f])\1*$/.test(uuid.replaceAll('-', ''))
  if (uuid === '' || (isUuid && !isOneDigit && !nobodys.includes(uuid))) return undefined
  return warn(
    `the product UUID ${JSON.stringify(uuid)} is what the maker left there: other machines have it too`,
    "# write one with the maker's own tool for DMI, or give the virtual machine one in its hypervisor"
  )
}
