export const configFile = '/etc/joinery/agent.yaml'
export const stateDirectory = '/var/lib/joinery-agent'
export const runDirectory = '/run/joinery-agent'
export const codeFile = '/etc/joinery/code'
