import { parse } from 'yaml'

interface Rule {
  alert: string
  for?: string
  labels: { severity: string }
  annotations: { summary: string; description: string }
}

interface Rules {
  groups: { name: string; rules: Rule[] }[]
}

/** docs/reference/alert-rules.md: every rule of monitoring/joinery.rules.yml, given as its text. */
export const alertRulesPage = (rules: string): string => `<!-- Generated: node_modules/.bin/node docs/server/main.ts -->
# The alert rules for Prometheus

The server's package has these rules in \`/usr/share/joinery-server/monitoring/joinery.rules.yml\`
([how to load them](../how-to/monitoring.md#alerts)). "After" is how long the cause must last. They are Prometheus' alerts, made from
[metrics](metrics.md). An alert that Joinery tells itself is something else: [each of those](../how-to/alerts.md).

${(parse(rules) as Rules).groups.map(group).join('\n\n')}
`

const group = ({ name, rules }: Rules['groups'][number]): string => `## ${name}

| alert | severity | after | it says |
|---|---|---|---|
${rules.map(row).join('\n')}`

const row = ({ alert, for: after = 'at once', labels: { severity }, annotations }: Rule): string => {
  const { summary, description } = annotations
  return `| \`${alert}\` | ${severity} | ${after} | ${plain(summary)}. ${plain(description)} |`
}

/** A template of Prometheus for a reader: the name of a label, or "N", stands for its value. */
const plain = (template: string): string =>
  template
    .trim()
    .replace(/\{\{\s*\$labels\.(\w+)[^}]*\}\}/g, '*$1*')
    .replace(/\{\{[^}]*\}\}/g, '*N*')
    .replaceAll('|', '\\|')
