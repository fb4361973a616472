#!/usr/bin/env node
// NO_COLOR wins. Node warns of the two as soon as anything imports node:util, so nothing is imported before this.
if (process.env.NO_COLOR) delete process.env.FORCE_COLOR
await import('./program/start.ts')
