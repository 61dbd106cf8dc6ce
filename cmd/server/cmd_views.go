package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
)

// analysed is a store in a database, where analysts read.
type analysed interface {
	MakeViews(ctx context.Context, readers ...string) (postgres.Judged, error)
	RenewViews(ctx context.Context) (postgres.Judged, error)
}

func (p *program) storeViewsCommand() *cobra.Command {
	var readers []string
	cmd := p.command("store views", 0, 0, func(cmd *cobra.Command, _ []string) error {
		if p.Store == "" {
			return p.fail(exitUsage, "views_need_database")
		}
		switch there, err := p.hasStore(cmd.Context(), p.Data); {
		case err != nil:
			return err
		case !there:
			return p.noStore()
		}
		s, err := p.openStore(p.Data)
		if err != nil {
			return p.openFailure(p.Data, err)
		}
		done, err := s.(analysed).MakeViews(cmd.Context(), readers...)
		var known *engine.OpenError
		if errors.As(err, &known) {
			err = p.fail(exitRefused, known.Code, strings.Join(readers, ", ")).because(err)
		}
		if err := errors.Join(err, s.Close()); err != nil {
			return err
		}
		return p.print(done, func(w io.Writer) { p.line(w, "views_made", done.Institutions) })
	})
	cmd.Flags().StringArrayVar(&readers, "reader", nil, p.flag("reader"))
	return cmd
}

// viewsEvery is how old what analysts read of checks and states may be.
const viewsEvery = time.Minute

// followViews brings what analysts read up to date, until ctx ends. No failure
// of it concerns those who submit.
func (p *program) followViews(ctx context.Context, s keeper) {
	a, ok := s.(analysed)
	if !ok {
		return
	}
	for tick := time.NewTicker(viewsEvery); ; {
		if _, err := a.RenewViews(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("the views of the analysts are not up to date", "error", err)
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}
