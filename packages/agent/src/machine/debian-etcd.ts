import type { OpenEtcd } from '@joinery/etcd'
import type { Exec } from '@joinery/host/exec'
import type { Files } from '@joinery/host/files'
import { paths } from '../host/paths.ts'
import { leaveEtcd } from './control-plane/leave-etcd.ts'
import { startEtcd } from './control-plane/start-etcd.ts'
import type { OwnEtcd } from './port/own-etcd.ts'

/** The etcd member of a Debian-like machine with systemd and kubeadm. `openEtcd` opens the connection to the other members. */
export const debianEtcd = (files: Files, exec: Exec, openEtcd: OpenEtcd): OwnEtcd => ({
  hasEtcdData: async () => (await files.list(paths.etcdData)).length > 0,
  leaveEtcd: (own, hosts) => leaveEtcd(openEtcd, own, hosts),
  startEtcd: (address) => startEtcd(files, exec, address)
})
