/** A processor that there are packages for. */
export interface Architecture {
  /** As dpkg calls it. */
  debian: 'amd64' | 'arm64'
  /** As Node calls it, and so the npm packages of its binaries. */
  node: 'x64' | 'arm64'
  /** As the tools of GNU call it. */
  gnu: 'x86_64-linux-gnu' | 'aarch64-linux-gnu'
}

export const architectures: readonly Architecture[] = [
  { debian: 'amd64', node: 'x64', gnu: 'x86_64-linux-gnu' },
  { debian: 'arm64', node: 'arm64', gnu: 'aarch64-linux-gnu' }
]
