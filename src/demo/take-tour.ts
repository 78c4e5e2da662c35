import type { StepReport, Tour } from '../pipeline/tour.ts';
import { tourTools } from './tour-tools.ts';
import type { TourContext } from './tour-tools.ts';
import { median } from './tour-table.ts';
import type { TourLine } from './tour-table.ts';

export interface TourOutput {
  line(text: string): void;
  /** Web UI address of a workflow. */
  link(workflowId: string): string;
}

/**
 * Takes the tour to its end or to the first step that fails, printing each step's event, link and query line.
 * Returns the lines of the table; later steps build on earlier ones, so nothing runs after a failure.
 */
export async function takeTour(context: TourContext, tour: Tour, out: TourOutput): Promise<TourLine[]> {
  const lines: TourLine[] = [];
  const tools = await tourTools(context, tour);
  const step = async (title: string, body: () => Promise<StepReport>): Promise<void> => {
    out.line(`\n▸ ${title}`);
    try {
      const { rows = 1, each, eventId, note = '', ...report } = await body();
      const milliseconds = report.milliseconds ?? (each ? median(each) : null);
      const singles = each ?? (rows === 1 && milliseconds !== null ? [milliseconds] : []);
      lines.push({ title, ok: true, milliseconds, singles, note });
      if (milliseconds !== null) out.line(`  ${Math.round(milliseconds)} ms`);
      if (note) out.line(`  ${note}`);
      if (eventId) {
        out.line(`  event  ${eventId}`);
        out.line(`  Web UI ${out.link(eventId)}`);
        out.line(`  query  npm run tandem -- temporal workflow query --type status --workflow-id ${eventId}`);
      }
    } catch (error) {
      const note = (error as Error).message;
      lines.push({ title, ok: false, milliseconds: null, singles: [], note });
      out.line(`  FAILED: ${note}`);
      throw new TourStopped();
    }
  };
  try {
    await tour.take({ ...tools, step });
  } catch (error) {
    if (!(error instanceof TourStopped)) throw error;
  } finally {
    await tools.close();
  }
  return lines;
}

class TourStopped extends Error {}
