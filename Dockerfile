# Two steps, so that Node builds the front end and is not in what runs.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt requirements-node.txt ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt
RUN python -m venv /node && /node/bin/pip install --no-cache-dir --require-hashes -r requirements-node.txt
COPY . .
RUN PATH="/node/bin:$PATH" DEMO=1 DATA_DIR=/tmp/build /venv/bin/python manage.py fetch_frontend --strict \
    && DEMO=1 DATA_DIR=/tmp/build /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && mv /tmp/build/staticfiles staticfiles \
    && rm -rf node_modules

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation libmagic1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --uid 10001 resolve
COPY --from=build /venv /venv
COPY --from=build --chown=root:root /app /app
WORKDIR /app
ENV PATH="/venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
RUN install -d -o resolve /data
USER resolve
EXPOSE 8000
# Web alone; a worker is the same image with `celery -A config worker`.
CMD ["sh", "-c", "exec gunicorn config.wsgi --bind $HOST:$PORT --workers 2 --threads 4 --graceful-timeout 20 --no-control-socket --worker-tmp-dir /dev/shm"]
