import { stringify } from 'yaml'

/** YAML with every value quoted. kubeadm reads YAML 1.1, where a plain `on` or `1e3` is no string. */
export const quotedYaml = (value: object): string =>
  stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })
