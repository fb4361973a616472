import { execFileSync } from 'node:child_process'

/** Words that a remedy may begin with: programs that such machines have, or that the remedy is about. */
const known = new Set(
  (
    'apt-get apt-mark cat chronyc containerd coredumpctl crictl curl date df dnf echo find firewall-cmd for free getent grep grubby hostnamectl ip ' +
    'ip6tables iptables iptables-save ipvsadm joinery joinery-agent journalctl kubeadm kubectl kubelet mkdir modprobe ' +
    'netfilter-persistent nft openssl printf rm rpm sed ss stat sudo swapoff sysctl systemctl systemd-machine-id-setup ' +
    'timedatectl ufw uname update-grub zypper'
  ).split(' ')
)

/**
 * Script that makes each line the body of a function that is never called. bash reads the line, as with `bash -n`, and
 * does not run it.
 */
const readAll = 'for line; do eval "f() { :\n$line\n}" 2>/dev/null || printf "%s\\n" "$line"; done'

/** Lines that bash has read: many rows of a table have the same ones, and each start takes longer than a row. */
const wellFormed = new Set<string>()

/** Lines of remedies that are neither one command for a shell nor a comment. One process reads all of them. */
export const wrongRemedyLines = (lines: readonly string[]): string[] => {
  const strange = lines.filter(
    (line) => line.includes('\n') || !(/^# \S/.test(line) || known.has(line.split(' ')[0] ?? ''))
  )
  const fresh = [...new Set(lines)].filter((line) => !wellFormed.has(line))
  if (fresh.length === 0) return strange
  const unread = execFileSync('bash', ['-c', readAll, 'bash', ...fresh], { encoding: 'utf8' })
  if (unread === '') for (const line of fresh) wellFormed.add(line)
  return [...strange, ...unread.split('\n').filter((line) => line !== '')]
}
