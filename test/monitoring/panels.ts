export interface Panel {
  title: string
  /** Expression with the variables of the dashboard filled in. */
  expr: string
}

/** The expressions of a Grafana dashboard, as Grafana would ask them for every server of the job `joinery`. */
export const readPanels = (json: string): Panel[] => {
  const { panels } = JSON.parse(json) as { panels: { title: string; targets?: { expr: string }[] }[] }
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr.replaceAll('$job', 'joinery').replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m')
    }))
  )
}
