"""What a run's model can be exported as, one format a file; `desktop_app.io.export` has them as rows."""
