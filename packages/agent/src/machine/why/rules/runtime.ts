import type { WhyRule } from './rule.ts'

const status = ['systemctl status containerd', 'journalctl --unit containerd --lines 50']
const start = [...status, 'systemctl enable --now containerd']

/** Meanings of lines about the container runtime, of the kubelet and of containerd itself. */
export const runtimeRules: readonly WhyRule[] = [
  {
    name: 'runtime-config-toml',
    text: /containerd: failed to unmarshal TOML at row (\d+) column \d+: (.*)/,
    code: 'runtime-off',
    cause: 'containerd does not start: line $1 of its configuration is no TOML: $2',
    remedy: ["sed -n '$1p' /etc/containerd/config.toml", '# correct the line', 'systemctl restart containerd'],
    source: 'containerd v2.4.2: cmd/containerd/server/config/config.go loadConfigFile',
    until: 'runtime'
  },
  {
    name: 'runtime-config-version',
    text: /containerd: failed to load TOML from (\S+): (expected containerd config version .*)/,
    code: 'runtime-off',
    cause: 'containerd does not start: it is older than its configuration: $2',
    remedy: ["grep -n '^version' $1", 'containerd --version'],
    source: 'containerd v2.4.2: cmd/containerd/server/config/config.go LoadConfig',
    until: 'runtime'
  },
  {
    name: 'runtime-cri-failed',
    text: /msg="failed to load plugin" error="(.*?)" id=(io\.containerd\.grpc\.v1\.cri|io\.containerd\.cri\.v1\.\w+)/,
    code: 'runtime-off',
    cause: 'containerd runs without its CRI service, which failed to start: $1',
    remedy: ['journalctl --unit containerd --grep cri', 'systemctl restart containerd'],
    source: 'containerd v2.4.2: cmd/containerd/server/server.go New',
    until: 'runtime'
  },
  {
    name: 'runtime-store-locked',
    text: /waiting for response from boltdb open/,
    code: 'runtime-off',
    cause: 'containerd does not start: another containerd has its store open',
    remedy: ['ss -xlp | grep containerd', 'systemctl restart containerd'],
    source: 'containerd v2.4.2: plugins/metadata/plugin.go init',
    until: 'runtime'
  },
  {
    name: 'runtime-cni-folder-removed',
    text: /cni conf dir is removed, stop watching/,
    code: 'runtime-off',
    cause: 'containerd ended because the folder /etc/cni/net.d was removed',
    remedy: ['mkdir -p /etc/cni/net.d', 'systemctl restart containerd'],
    source: 'containerd v2.4.2: internal/cri/server/cni_conf_syncer.go syncLoop',
    until: 'runtime'
  },
  {
    name: 'runtime-without-cri',
    text: /validate CRI v1 (?:runtime|image) API for endpoint "([^"]+)": rpc error: code = Unimplemented/,
    code: 'runtime-off',
    cause: 'the container runtime at $1 has no CRI: it is switched off in its configuration, or failed to start',
    remedy: ['grep -n disabled_plugins /etc/containerd/config.toml', 'systemctl restart containerd'],
    source: 'kubelet v1.37.2: k8s.io/cri-client/pkg/remote_runtime.go validateServiceConnection',
    until: 'runtime'
  },
  {
    name: 'runtime-socket-missing',
    text: /dial unix (\S*(?:containerd|crio|cri-dockerd)\S*): connect: no such file or directory/,
    code: 'runtime-off',
    cause: 'the container runtime does not run: there is no socket $1',
    remedy: start,
    source: 'kubelet v1.37.2: k8s.io/cri-client/pkg/remote_runtime.go validateServiceConnection',
    until: 'runtime'
  },
  {
    name: 'runtime-socket-refused',
    text: /dial unix (\S*(?:containerd|crio|cri-dockerd)\S*): connect: connection refused/,
    code: 'runtime-off',
    cause: 'the container runtime does not run: nobody listens at $1',
    remedy: start,
    source: 'kubelet v1.37.2: k8s.io/cri-client/pkg/remote_runtime.go validateServiceConnection',
    until: 'runtime'
  },
  {
    name: 'runtime-not-ready',
    text: /container runtime not ready: RuntimeReady=false reason:(\S*) message:([^"]*)/i,
    code: 'runtime-off',
    cause: 'the container runtime says that it cannot run containers: $1 $2',
    remedy: ['crictl info', ...status],
    source: 'kubelet v1.37.2: pkg/kubelet/kubelet.go updateRuntimeUp',
    until: 'runtime'
  },
  {
    name: 'runtime-slow',
    text: /PLEG is not healthy: pleg was last seen active/,
    code: 'runtime-off',
    cause: 'the container runtime answers too slowly: the kubelet has not heard of its containers for minutes',
    remedy: ['crictl ps', ...status],
    source: 'kubelet v1.37.2: pkg/kubelet/pleg/generic.go Healthy',
    until: 'runtime'
  },
  {
    name: 'runtime-status-late',
    text: /Status from runtime service failed" err="rpc error: code = DeadlineExceeded/,
    code: 'runtime-off',
    cause: 'the container runtime does not answer in time',
    remedy: status,
    source: 'kubelet v1.37.2: k8s.io/cri-client/pkg/remote_runtime.go Status',
    until: 'runtime'
  },
  {
    name: 'runtime-down',
    text: /container runtime is down/,
    code: 'runtime-off',
    cause: 'the container runtime does not answer the kubelet',
    remedy: start,
    source: 'kubelet v1.37.2: pkg/kubelet/runtime.go runtimeErrors',
    until: 'runtime'
  }
]
