import type { InjectionToken } from 'tsyringe'

/** Statuses that the listener for metrics answers with. */
export type ScrapeStatus = '200' | '400' | '401' | '404' | '405' | '500'

/** Every metric as text, for whoever scrapes them. */
export interface Scraping {
  scrape(): Promise<{ type: string; text: string }>
  /** Hears how a request for them was answered over the network. */
  answered(status: ScrapeStatus): void
}
export const Scraping = Symbol('Scraping') as InjectionToken<Scraping>
