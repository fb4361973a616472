export const defaultConfigFile = '/etc/joinery/server.yaml'

/** Where a server that has no configuration yet keeps its state; later the configuration says it. */
export const defaultStateDirectory = '/var/lib/joinery-server'

/** Comes with the package of the server; a checkout has none. `architecture` as dpkg calls it. */
export const packagedAgentOf = (architecture: 'amd64' | 'arm64'): string =>
  `/usr/share/joinery-server/joinery-agent_${architecture}.deb`

export const packagedAgent = packagedAgentOf(process.arch === 'arm64' ? 'arm64' : 'amd64')
