//! A route of actix-web that does nothing but answer a body: what a web server
//! does at best.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use actix_web::{App, HttpResponse, HttpServer, rt::System, web};
use anyhow::{Context as _, Result};

use crate::{server::Reply, settings::Settings};

/// The bare server, in a process of its own; it ends with this value.
pub(crate) struct Bare {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
}

impl Bare {
    /// Starts one that answers with the body of this reply, whatever the path.
    pub(crate) fn start(settings: &Settings, reply: &Reply) -> Result<Self> {
        let body = settings.work.join("bare.body");
        fs::write(&body, &reply.body)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg(&body).arg(&reply.content_type).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut address = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves the content of a file until it is killed; tells its address first.
pub(crate) fn serve(file: &str, content_type: &str) -> Result<()> {
    let body = web::Bytes::from(fs::read(file)?);
    let content_type = content_type.to_owned();
    System::new().block_on(async move {
        let application = move || {
            let (body, content_type) = (body.clone(), content_type.clone());
            App::new().default_service(web::to(move || {
                let answer = HttpResponse::Ok().content_type(content_type.clone()).body(body.clone());
                async move { answer }
            }))
        };
        let server = HttpServer::new(application).bind(("127.0.0.1", 0))?;
        for address in server.addrs() {
            println!("{address}");
        }
        Ok(server.run().await?)
    })
}
